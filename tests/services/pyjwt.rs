//! Access tokens and the Python verifier of the README, which runs on [PyJWT](https://pyjwt.readthedocs.io) by the
//! Python at `PYJWT_PYTHON`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

use std::process::Stdio;

use axum::{Json, Router};
use local::StackOptions;
use serde_json::{Value, json};
use shared::clock::{Clock, SystemClock};
use tests::TestApp;
use tests::access_tokens::{AUDIENCE, access_token, forgeries, key_set, unsuitable_tokens};
use tests::secrets::put_secret;
use tests::test_server::serve;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// Verifies one token for each line of standard input.
const LOOP: &str = r#"
import json, sys
for line in sys.stdin:
    try:
        print(json.dumps({"claims": verify(**json.loads(line))}), flush=True)
    except jwt.PyJWTError as error:
        print(json.dumps({"error": type(error).__name__}), flush=True)
"#;

/// A process that verifies access tokens, as another service would.
struct PythonVerifier {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl PythonVerifier {
    /// Starts the verifier of the README for the stack.
    fn start(app: &TestApp) -> Self {
        let issuer = &app.stack().context().config.base_url;
        Self::start_for(issuer, &format!("{issuer}/.well-known/jwks.json"))
    }

    /// Starts the verifier of the README for an issuer with its keys at a URL.
    fn start_for(issuer: &str, keys: &str) -> Self {
        let (_, python) = std::env::vars()
            .find(|(name, _)| name == "PYJWT_PYTHON")
            .expect("PYJWT_PYTHON names a Python with PyJWT; ./tests/pyjwt prints it");
        let readme = include_str!("../../README.md");
        let code = readme.split("```python verifier\n").nth(1).unwrap();
        let code = code.split("```").next().unwrap();
        assert_eq!(code.matches("https://aius.co").count(), 2, "issuer and key set");
        let code = code.replace("https://aius.co/.well-known/jwks.json", keys);
        let code = code.replace("https://aius.co", issuer);
        let mut process = Command::new(python)
            .args(["-c", &format!("{code}{LOOP}")])
            .env("no_proxy", "*")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { input: process.stdin.take().unwrap(), output, _process: process }
    }

    async fn verify(&mut self, token: &str, audience: &str) -> Value {
        let line = format!("{}\n", json!({"token": token, "audience": audience}));
        self.input.write_all(line.as_bytes()).await.unwrap();
        let answer = self.output.next_line().await.unwrap().expect("an answer");
        serde_json::from_str(&answer).unwrap()
    }
}

/// Starts a stack whose clock is behind that of the machine, which `PyJWT` reads.
async fn start_behind(seconds: u64) -> TestApp {
    let start_at = Some(SystemClock.now().minus(std::time::Duration::from_secs(seconds)));
    TestApp::start_with_options(StackOptions { start_at, ..StackOptions::default() }).await
}

#[tokio::test]
async fn a_python_service_verifies_access_tokens() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = access_token(&app, &ada.token("ci").await).await;
    let mut service = PythonVerifier::start(&app);
    let verified = service.verify(&token, AUDIENCE).await;
    assert_eq!(verified["claims"]["sub"], ada.id().await.to_string());
    assert_eq!(verified["claims"]["token_id"], 1);
    let elsewhere = service.verify(&token, "https://other.example").await;
    assert_eq!(elsewhere, json!({"error": "InvalidAudienceError"}));
    let session = service.verify(ada.session.as_ref().unwrap(), AUDIENCE).await;
    assert!(session["error"].is_string(), "{session}");
}

#[tokio::test]
async fn a_python_service_refuses_forgeries() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = access_token(&app, &ada.token("ci").await).await;
    let mut service = PythonVerifier::start(&app);
    for (what, forged) in forgeries(&key_set(&app).await, &token) {
        let answer = service.verify(&forged, AUDIENCE).await;
        assert!(answer["error"].is_string(), "{what}: {answer}");
    }
    let other = TestApp::start().await;
    let eve = other.sign_up("eve").await;
    let foreign = access_token(&other, &eve.token("ci").await).await;
    let answer = service.verify(&foreign, AUDIENCE).await;
    assert!(answer["error"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_python_service_refuses_other_signed_tokens() {
    let issuer = "https://issuer.example";
    let (keys, suitable, unsuitable) = unsuitable_tokens(issuer);
    let url = serve(Router::new().fallback(async move || Json(keys))).await;
    let mut service = PythonVerifier::start_for(issuer, &format!("{url}/"));
    let verified = service.verify(&suitable, AUDIENCE).await;
    assert_eq!(verified["claims"]["sub"], "usr_x", "{verified}");
    for (what, token) in unsuitable {
        let answer = service.verify(&token, AUDIENCE).await;
        assert!(answer["error"].is_string(), "{what}: {answer}");
    }
}

#[tokio::test]
async fn a_python_service_refuses_expired_access_tokens() {
    let app = start_behind(340).await;
    let ada = app.sign_up("ada").await;
    let token = access_token(&app, &ada.token("ci").await).await;
    let mut service = PythonVerifier::start(&app);
    let answer = service.verify(&token, AUDIENCE).await;
    assert_eq!(answer, json!({"error": "ExpiredSignatureError"}));
}

#[tokio::test]
async fn a_python_service_goes_on_while_keys_rotate() {
    let app = start_behind(620).await;
    let ada = app.sign_up("ada").await;
    let bearer = ada.token("ci").await;
    let mut service = PythonVerifier::start(&app);
    let keys = |listed: Value| {
        put_secret(&app, |ids| ids.signing.as_ref(), move |secret| secret["signing_keys"] = listed)
    };
    let new = json!({"kid": "new", "secret": "fedcba9876543210fedcba9876543210"});
    // The service reads the keys while the new one is published and does not sign yet.
    keys(json!([{"kid": "seed"}, new])).await;
    let old = access_token(&app, &bearer).await;
    assert_eq!(service.verify(&old, AUDIENCE).await["claims"]["aud"], AUDIENCE);
    keys(json!([new, {"kid": "seed"}])).await;
    let newer = access_token(&app, &bearer).await;
    let verified = service.verify(&newer, AUDIENCE).await;
    assert_eq!(verified["claims"]["aud"], AUDIENCE, "{verified}");
    assert_eq!(service.verify(&old, AUDIENCE).await["claims"]["aud"], AUDIENCE);
}
