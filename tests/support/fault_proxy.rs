//! A proxy in front of the DynamoDB engine that injects faults.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use crate::engine_handle::EngineHandle;
use crate::test_server::serve;

/// The way in which a DynamoDB call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call is refused with `ProvisionedThroughputExceededException` and not executed.
    Throttled,
    /// The call is answered with 500 and not executed.
    Broken,
    /// The connection closes without a response and the call is not executed.
    CutOffBefore,
    /// The call is executed and the connection closes without a response.
    CutOffAfter,
    /// All items of a `BatchWriteItem` come back as unprocessed; other calls are not counted.
    Unprocessed,
}

impl Fault {
    /// The faults that can happen to any call.
    pub const ALL: [Self; 4] =
        [Self::Throttled, Self::Broken, Self::CutOffBefore, Self::CutOffAfter];
}

/// The time that a torn batch read waits for a transaction to commit.
///
/// Less than the two seconds after which the SDK sends a request again.
const TORN_READ_TIMEOUT: Duration = Duration::from_millis(300);

/// The calls that fail.
#[derive(Clone, Copy, Debug)]
struct Plan {
    fault: Fault,
    /// The number of calls that succeed first.
    after: usize,
    /// The number of calls that fail after those.
    times: usize,
    /// Whether a call has failed.
    struck: bool,
}

/// A call that waits before it is executed.
pub struct HeldCall(Arc<Gate>);

#[derive(Default)]
struct Gate {
    reached: Notify,
    released: Notify,
}

impl HeldCall {
    /// Waits until the call arrives.
    pub async fn reached(&self) {
        self.0.reached.notified().await;
    }

    /// Executes the call.
    pub fn release(self) {
        self.0.released.notify_one();
    }
}

/// The call that is held.
#[derive(Clone, Copy)]
enum Awaited {
    /// The call after `after` others.
    Call { after: usize },
    /// The next call of an operation.
    Operation(&'static str),
}

/// A DynamoDB endpoint with injectable faults.
#[derive(Clone)]
pub struct FaultProxy {
    url: String,
    shared: Arc<Shared>,
}

struct Shared {
    engine: EngineHandle,
    /// Sends calls to DynamoDB Local. The embedded engine is called without a connection.
    client: reqwest::Client,
    plan: Mutex<Option<Plan>>,
    hold: Mutex<Option<(Awaited, Arc<Gate>)>>,
    tears_batch_reads: AtomicBool,
    batch_reads: AtomicUsize,
    /// The number of transactions that have committed.
    commits: watch::Sender<usize>,
}

impl FaultProxy {
    /// Starts a proxy in front of DynamoDB Local if `DYNAMODB_LOCAL_URL` is set, or of a new embedded engine.
    pub async fn start() -> Self {
        let engine = match crate::test_app::dynamodb_local_url() {
            Some(url) => EngineHandle::DynamoDbLocal(url),
            None => EngineHandle::Embedded(local::open_database(None).unwrap()),
        };
        let client = crate::visitor::plain_http().build().unwrap();
        let shared = Arc::new(Shared {
            engine,
            client,
            plan: Mutex::default(),
            hold: Mutex::default(),
            tears_batch_reads: AtomicBool::new(false),
            batch_reads: AtomicUsize::new(0),
            commits: watch::Sender::new(0),
        });
        let router = axum::Router::new().fallback(forward).with_state(shared.clone());
        Self { url: serve(router).await, shared }
    }

    /// Returns the URL of the proxy.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Returns the engine behind the proxy.
    pub(crate) fn engine(&self) -> &EngineHandle {
        &self.shared.engine
    }

    /// Lets `after` calls succeed and fails the next `times` calls.
    pub fn inject(&self, fault: Fault, after: usize, times: usize) {
        *self.shared.plan.lock().unwrap() = Some(Plan { fault, after, times, struck: false });
    }

    /// Lets `after` calls succeed and holds the next one.
    pub fn hold_call(&self, after: usize) -> HeldCall {
        let gate = Arc::new(Gate::default());
        *self.shared.hold.lock().unwrap() = Some((Awaited::Call { after }, gate.clone()));
        HeldCall(gate)
    }

    /// Holds the next call of `operation`.
    pub fn hold_operation(&self, operation: &'static str) -> HeldCall {
        let gate = Arc::new(Gate::default());
        *self.shared.hold.lock().unwrap() = Some((Awaited::Operation(operation), gate.clone()));
        HeldCall(gate)
    }

    /// Runs `late`, and runs `meanwhile` before the first transaction of `late` is executed.
    ///
    /// `meanwhile` must take less than two seconds, the time after which the SDK sends the transaction again.
    pub async fn delay_transaction<T>(
        &self,
        late: impl Future<Output = T>,
        meanwhile: impl Future<Output = ()>,
    ) -> T {
        self.delay_call("TransactWriteItems", late, meanwhile).await
    }

    /// Runs `late`, and runs `meanwhile` before the first call of `operation` by `late` is executed.
    ///
    /// If `meanwhile` takes more than two seconds, the SDK sends the call again, and the delayed one comes later still.
    pub async fn delay_call<T>(
        &self,
        operation: &'static str,
        late: impl Future<Output = T>,
        meanwhile: impl Future<Output = ()>,
    ) -> T {
        let held = self.hold_operation(operation);
        let overtaking = async {
            held.reached().await;
            meanwhile.await;
            held.release();
        };
        tokio::join!(late, overtaking).0
    }

    /// Tears batch reads from now on.
    ///
    /// DynamoDB does not read the items of a `BatchGetItem` at one moment. Every second batch read gets some
    /// items from before the next transaction and the others from after it. Which items come first alternates:
    /// those at even places, those at odd places, the first half, the second half.
    pub fn tear_batch_reads(&self) {
        self.shared.tears_batch_reads.store(true, Ordering::Relaxed);
    }

    /// Removes the injected fault and returns whether a call has failed.
    pub fn clear_fault(&self) -> bool {
        self.shared.plan.lock().unwrap().take().is_some_and(|plan| plan.struck)
    }
}

impl Shared {
    /// Returns the gate that holds the next call.
    fn next_gate(&self, operation: &str) -> Option<Arc<Gate>> {
        let mut hold = self.hold.lock().unwrap();
        match &mut hold.as_mut()?.0 {
            Awaited::Call { after: 0 } => {}
            Awaited::Call { after } => {
                *after -= 1;
                return None;
            }
            Awaited::Operation(awaited) if operation == *awaited => {}
            Awaited::Operation(_) => return None,
        }
        hold.take().map(|(_, gate)| gate)
    }

    /// Returns the fault of the next call.
    fn next_fault(&self, operation: &str) -> Option<Fault> {
        let mut plan = self.plan.lock().unwrap();
        let plan = plan.as_mut()?;
        if plan.fault == Fault::Unprocessed && operation != "BatchWriteItem" {
            return None;
        }
        if plan.after > 0 {
            plan.after -= 1;
            return None;
        }
        plan.times = plan.times.checked_sub(1)?;
        plan.struck = true;
        Some(plan.fault)
    }

    async fn pass(&self, operation: Option<&str>, headers: HeaderMap, body: Bytes) -> Response {
        if operation == Some("BatchGetItem") && self.tears_batch_reads.load(Ordering::Relaxed) {
            let number = self.batch_reads.fetch_add(1, Ordering::Relaxed);
            return self.pass_torn(headers, body, number).await;
        }
        let (status, headers, body) = self.call(headers, body).await;
        if operation == Some("TransactWriteItems") && status.is_success() {
            self.commits.send_modify(|commits| *commits += 1);
        }
        (status, headers, body).into_response()
    }

    async fn call(&self, mut headers: HeaderMap, body: Bytes) -> (StatusCode, HeaderMap, Bytes) {
        let url = match &self.engine {
            EngineHandle::Embedded(database) => {
                let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
                let target = target.unwrap_or_default();
                let (status, answer) = local::call_dynamodb(database, target, &body);
                let content_type = HeaderValue::from_static("application/x-amz-json-1.0");
                return (
                    status,
                    HeaderMap::from_iter([(CONTENT_TYPE, content_type)]),
                    answer.into(),
                );
            }
            EngineHandle::DynamoDbLocal(url) => url,
        };
        headers.remove("host");
        headers.remove("content-length");
        let answer = self.client.post(url).headers(headers).body(body).send().await.unwrap();
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove("content-length");
        (status, headers, answer.bytes().await.unwrap())
    }

    /// Reads some items of a batch, waits for a transaction, reads the others and answers with all of them.
    async fn pass_torn(&self, headers: HeaderMap, body: Bytes, number: usize) -> Response {
        let request: Value = serde_json::from_slice(&body).unwrap();
        let tables = request["RequestItems"].as_object().unwrap();
        let (table, wanted) = tables.iter().next().unwrap();
        let keys = wanted["Keys"].as_array().unwrap();
        let comes_first = |place: usize| match number % 8 {
            1 => place.is_multiple_of(2),
            3 => !place.is_multiple_of(2),
            5 => place < keys.len() / 2,
            7 => place >= keys.len() / 2,
            _ => true,
        };
        let (first, second): (Vec<_>, Vec<_>) =
            keys.iter().cloned().enumerate().partition(|(place, _)| comes_first(*place));
        if first.is_empty() || second.is_empty() {
            return self.call(headers, body).await.into_response();
        }
        let part = |keys: Vec<(usize, Value)>| {
            let mut part = request.clone();
            let keys: Vec<_> = keys.into_iter().map(|(_, key)| key).collect();
            part["RequestItems"][table]["Keys"] = keys.into();
            Bytes::from(part.to_string())
        };
        let mut commits = self.commits.subscribe();
        let (status, answered, earlier) = self.call(headers.clone(), part(first)).await;
        if !status.is_success() {
            return (status, answered, earlier).into_response();
        }
        // Without a transaction in time, the read is not torn.
        let _ = tokio::time::timeout(TORN_READ_TIMEOUT, commits.changed()).await;
        let (status, mut answered, later) = self.call(headers, part(second)).await;
        if !status.is_success() {
            return (status, answered, later).into_response();
        }
        answered.remove("x-amz-crc32");
        let mut all: Value = serde_json::from_slice(&later).unwrap();
        let earlier: Value = serde_json::from_slice(&earlier).unwrap();
        let items = all["Responses"][table].as_array_mut().unwrap();
        items.extend(earlier["Responses"][table].as_array().unwrap().iter().cloned());
        (status, answered, all.to_string()).into_response()
    }
}

async fn forward(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    // Stream reads happen in the background and would make the count of calls nondeterministic.
    let operation = target.and_then(|target| target.strip_prefix("DynamoDB_20120810."));
    let operation = operation.map(str::to_owned);
    if let Some(gate) = operation.as_deref().and_then(|operation| shared.next_gate(operation)) {
        gate.reached.notify_one();
        gate.released.notified().await;
    }
    let fault = operation.as_deref().and_then(|operation| shared.next_fault(operation));
    match fault {
        None => shared.pass(operation.as_deref(), headers, body).await,
        Some(Fault::Throttled) => {
            let kind = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";
            let body = format!(r#"{{"__type":"{kind}","message":"too fast"}}"#);
            (StatusCode::BAD_REQUEST, [("content-type", "application/x-amz-json-1.0")], body)
                .into_response()
        }
        Some(Fault::Broken) => {
            let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}"#;
            (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
        }
        Some(Fault::CutOffBefore) => cut_off(),
        Some(Fault::Unprocessed) => {
            let batch: Value = serde_json::from_slice(&body).unwrap();
            axum::Json(json!({"UnprocessedItems": batch["RequestItems"]})).into_response()
        }
        Some(Fault::CutOffAfter) => {
            shared.pass(operation.as_deref(), headers, body).await;
            cut_off()
        }
    }
}

/// Returns a response whose body fails before its announced length, which closes the connection.
fn cut_off() -> Response {
    let broken = std::io::Error::other("cut off");
    let body = Body::from_stream(futures_util::stream::once(async { Err::<Bytes, _>(broken) }));
    ([("content-length", "1000")], body).into_response()
}
