//! The functions that `sam build` made, in AWS's runtime interface emulator, with the events of `events/`, against the
//! local stack.
//!
//! `RUNTIME_EMULATOR` is the emulator (`tests/runtime-emulator` prints its path), and `FUNCTIONS_BUILD` the folder of
//! the build.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use local::{Stack, StackOptions};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

/// How often an emulator is asked before it listens, and the pause between two tries.
const MAX_TRIES: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// A function in the emulator.
struct EmulatedFunction {
    url: String,
    _process: Child,
}

impl EmulatedFunction {
    /// Starts a function of the build.
    fn start(stack: &Stack, name: &str) -> Self {
        let (port, api_port) = (free_port(), free_port());
        let process = Command::new(variable("RUNTIME_EMULATOR"))
            .args(["--runtime-interface-emulator-address", &format!("127.0.0.1:{port}")])
            .args(["--runtime-api-address", &format!("127.0.0.1:{api_port}")])
            .arg(bootstrap(name))
            .env_clear()
            .envs(stack.environment_of_function(name).unwrap())
            // The template does not set it: functions call Stripe itself. Here they call the simulator.
            .env("STRIPE_API_BASE", &stack.stripe().unwrap().api_base)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let url = format!("http://127.0.0.1:{port}/2015-03-31/functions/function/invocations");
        Self { url, _process: process }
    }

    /// Invokes the function with an event of `events/` and returns the answer.
    async fn invoke(&self, event: &str) -> Value {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(event);
        let event = std::fs::read_to_string(path).unwrap();
        for _ in 0..MAX_TRIES {
            if let Ok(response) = http.post(&self.url).body(event.clone()).send().await {
                let text = response.text().await.unwrap();
                return serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("the emulator does not listen");
    }
}

fn variable(name: &str) -> String {
    let found = std::env::vars().find(|(variable, _)| variable == name);
    found.unwrap_or_else(|| panic!("{name} is not set")).1
}

/// Returns the binary of a function in the build, whose folders are named like the resources of the template.
fn bootstrap(name: &str) -> PathBuf {
    let (first, rest) = name.split_at(1);
    let resource = format!("{}{rest}Function", first.to_uppercase());
    Path::new(&variable("FUNCTIONS_BUILD")).join(resource).join("bootstrap")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn built_functions_answer_their_events() {
    let options = StackOptions { aws_port: Some(0), ..StackOptions::default() };
    let stack = Stack::start(options).await.unwrap();
    for name in local::function_binaries().unwrap() {
        let function = EmulatedFunction::start(&stack, name);
        if name == "worker" {
            let handled = json!({"batchItemFailures": []});
            for event in ["worker.json", "worker-message.json", "worker-sweep.json"] {
                assert_eq!(function.invoke(event).await, handled, "{event}");
            }
            let schedules = ["worker-hourly", "worker-daily", "worker-billing"];
            let mail_events = ["worker-bounce", "worker-complaint"];
            let events = schedules.into_iter().chain(mail_events);
            for event in events.map(|event| format!("{event}.json")) {
                let event = event.as_str();
                assert_eq!(function.invoke(event).await, Value::Null, "{event}");
            }
            continue;
        }
        let answer = function.invoke(&format!("{name}.json")).await;
        if name == "admin" {
            let refused = json!({"error": {"code": "NOT_FOUND", "message": "Not found"}});
            assert_eq!(answer, refused);
            continue;
        }
        let expected = match name {
            "auth" | "billing" | "dashboard" => 200,
            // Session and signature of the events are invalid.
            "clients" | "passkeys" | "projects" | "tokens" => 401,
            "webhooks" => 400,
            other => panic!("what should {other}.json be answered?"),
        };
        assert_eq!(answer["statusCode"], expected, "{name}: {answer}");
    }
    stack.stop().await;
}
