//! Measures the functions in rounds. Each round starts every function twice: without and with a delay of AWS's
//! services.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use local::{Stack, StackOptions};
use serde_json::Value;

use crate::account::Account;
use crate::arguments::Arguments;
use crate::build::Binaries;
use crate::console::say;
use crate::error::Result;
use crate::function::{FLOOR, Function, Request};
use crate::network::CDN_SECRET;
use crate::process::Process;
use crate::slow_aws::SlowAws;

/// Number of requests to a warm function in each round.
const WARM_REQUESTS: usize = 30;

/// The measurements of one function.
pub(crate) struct FunctionMeasurements {
    /// The function that was measured; `None` for the bare one.
    pub(crate) function: Option<Function>,
    /// The request that it was sent, such as `GET /v1/me`.
    pub(crate) request: String,
    /// The size of the binary, compressed as in a zip file.
    pub(crate) zip_bytes: u64,
    /// Durations with AWS's services on this machine.
    pub(crate) without_delay: Latencies,
    /// Durations with [`DELAY`](crate::slow_aws::DELAY) added to each call of AWS.
    pub(crate) with_delay: Latencies,
    /// The largest amount of memory of any round, in bytes.
    pub(crate) peak_memory: u64,
}

/// The durations of all rounds, for each phase of a process.
#[derive(Default)]
pub(crate) struct Latencies {
    /// From the start of the process to its first request for an event.
    pub(crate) starts: Vec<Duration>,
    /// The processor time of each start.
    pub(crate) start_processor_times: Vec<Duration>,
    /// The duration of the first request of each process.
    pub(crate) first: Vec<Duration>,
    /// The duration of each later request of a process.
    pub(crate) warm: Vec<Duration>,
}

/// A function under measurement: its binary, environment variables and request.
struct Subject<'b> {
    binary: &'b Path,
    environment: BTreeMap<String, String>,
    request: Request,
}

/// Starts every function in turn, as many times as there are rounds.
///
/// # Errors
/// If a function does not start, does not answer, or answers with an error.
pub(crate) async fn measure(
    arguments: &Arguments,
    binaries: &Binaries,
) -> Result<Vec<FunctionMeasurements>> {
    let options = StackOptions {
        aws_port: Some(0),
        cdn_secrets: vec![CDN_SECRET.to_owned()],
        ..StackOptions::default()
    };
    let stack = Stack::start(options).await?;
    let account = Account::create(stack.url(), "bench@example.com").await?;
    create_floor_item(&stack).await?;
    let slow = SlowAws::start(stack.aws_url().ok_or("the stack has no port for AWS")?).await?;
    let functions = arguments.functions.iter().copied().map(Some);
    let mut measured = Vec::new();
    let mut subjects = Vec::new();
    for function in std::iter::once(None).chain(functions) {
        let subject = subject(&stack, &account, binaries, function)?;
        measured.push(FunctionMeasurements {
            function,
            request: subject.request.what.clone(),
            zip_bytes: zip_bytes(subject.binary)?,
            without_delay: Latencies::default(),
            with_delay: Latencies::default(),
            peak_memory: 0,
        });
        subjects.push(subject);
    }
    for round in 1..=arguments.rounds {
        say(&format!("round {round} of {}", arguments.rounds));
        for (measured, subject) in measured.iter_mut().zip(&mut subjects) {
            let peak_without_delay = run(subject, &mut measured.without_delay).await?;
            let direct = subject.environment.insert(URL.to_owned(), slow.url.clone());
            let peak_with_delay = run(subject, &mut measured.with_delay).await?;
            subject.environment.extend(direct.map(|url| (URL.to_owned(), url)));
            measured.peak_memory =
                measured.peak_memory.max(peak_without_delay).max(peak_with_delay);
        }
    }
    stack.stop().await;
    Ok(measured)
}

/// The number of attributes, of 20 characters each, in the item that the bare function reads.
const FLOOR_ATTRIBUTES: usize = 10;

/// The environment variable with the address of AWS's services.
const URL: &str = "AWS_ENDPOINT_URL";

fn subject<'b>(
    stack: &Stack,
    account: &Account,
    binaries: &'b Binaries,
    function: Option<Function>,
) -> Result<Subject<'b>> {
    let name = function.map_or(FLOOR, Function::name);
    let binary = binaries.get(name).ok_or_else(|| format!("no binary of {name}"))?;
    // The bare function needs the table's name, so it gets the variables of another function.
    let environment = stack.environment_of_function(function.map_or("tokens", Function::name))?;
    let request = match function {
        Some(function) => function.request(account)?,
        None => Request::http("GET", "/", "", None, ""),
    };
    Ok(Subject { binary, environment, request })
}

/// Creates the item that the bare function reads. It is as large as that of a token.
async fn create_floor_item(stack: &Stack) -> Result<()> {
    let table = &stack.context().config.table_name;
    let mut put = Client::new(stack.sdk()).put_item().table_name(table);
    for (name, value) in [("pk", "FLOOR"), ("sk", "META")] {
        put = put.item(name, AttributeValue::S(value.to_owned()));
    }
    for attribute in 0..FLOOR_ATTRIBUTES {
        put = put.item(format!("attribute{attribute}"), AttributeValue::S("x".repeat(20)));
    }
    put.send().await?;
    Ok(())
}

/// Starts the function, sends it its requests and ends it. Returns its peak memory in bytes.
async fn run(subject: &Subject<'_>, latencies: &mut Latencies) -> Result<u64> {
    let process = Process::start(subject.binary, &subject.environment).await?;
    latencies.starts.push(process.start);
    latencies.start_processor_times.push(process.start_processor_time);
    for number in 0..=WARM_REQUESTS {
        let answer = process.invoke(&subject.request.event).await?;
        require_success(subject, &answer.body)?;
        let of_kind = if number == 0 { &mut latencies.first } else { &mut latencies.warm };
        of_kind.push(answer.duration);
    }
    let peak = process.peak_memory()?;
    process.stop().await?;
    Ok(peak)
}

fn require_success(subject: &Subject<'_>, answer: &Value) -> Result<()> {
    // A webhook without a signature is refused with 400. The worker answers without a status.
    match answer["statusCode"].as_u64() {
        None | Some(200 | 400) => Ok(()),
        Some(status) => {
            Err(format!("{}: {status} {}", subject.request.what, answer["body"]).into())
        }
    }
}

/// Returns the size of a file in a zip file, without the 130 bytes of its names.
fn zip_bytes(binary: &Path) -> Result<u64> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&std::fs::read(binary)?)?;
    Ok(u64::try_from(encoder.finish()?.len())?)
}
