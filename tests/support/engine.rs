//! A DynamoDB that fails when told to: a proxy in front of the engine under test.

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refused with `ProvisionedThroughputExceededException`; not done.
    Throttled,
    /// Answered 500; not done.
    Broken,
    /// The connection ends without an answer; not done.
    CutOffBefore,
    /// Done, and then the connection ends without an answer.
    CutOffAfter,
    /// A batch of writes is taken and comes back undone; other calls don't count.
    Unprocessed,
}

impl Fault {
    /// All that any call can meet.
    pub const ALL: [Self; 4] =
        [Self::Throttled, Self::Broken, Self::CutOffBefore, Self::CutOffAfter];
}

/// Which calls fail.
#[derive(Clone, Copy, Debug)]
struct Plan {
    fault: Fault,
    /// Calls that are let through first.
    after: usize,
    /// Calls that fail from then on.
    times: usize,
    /// Whether one has failed.
    struck: bool,
}

/// A call that is held back before it is done.
pub struct Held(Arc<Gate>);

#[derive(Default)]
struct Gate {
    reached: Notify,
    released: Notify,
}

impl Held {
    /// Waits until the call is there.
    pub async fn reached(&self) {
        self.0.reached.notified().await;
    }

    /// Lets the call go on.
    pub fn release(self) {
        self.0.released.notify_one();
    }
}

/// Which call is held back.
#[derive(Clone, Copy)]
enum Awaited {
    /// The one after so many others.
    Call { after: usize },
    /// The next transaction.
    Transaction,
}

/// A DynamoDB with a fault to order.
#[derive(Clone)]
pub struct Engine {
    url: String,
    shared: Arc<Shared>,
    pub(crate) embedded: Option<dynoxide::Database>,
}

struct Shared {
    target: String,
    client: reqwest::Client,
    plan: Mutex<Option<Plan>>,
    hold: Mutex<Option<(Awaited, Arc<Gate>)>>,
}

impl Engine {
    /// A proxy in front of DynamoDB Local if `DYNAMODB_LOCAL_URL` names one, or of an embedded
    /// engine of its own.
    pub async fn start() -> Self {
        let (target, embedded) = match crate::world::dynamodb_local_url() {
            Some(url) => (url, None),
            None => {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let url = format!("http://{}", listener.local_addr().unwrap());
                let database = dynoxide::Database::memory().unwrap();
                tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
                (url, Some(database))
            }
        };
        let client = reqwest::Client::new();
        let shared =
            Arc::new(Shared { target, client, plan: Mutex::default(), hold: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(forward).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, shared, embedded }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The engine behind it.
    pub(crate) fn target(&self) -> &str {
        &self.shared.target
    }

    /// Lets `after` calls of the table through, and fails the next `times`.
    pub fn fail(&self, fault: Fault, after: usize, times: usize) {
        *self.shared.plan.lock().unwrap() = Some(Plan { fault, after, times, struck: false });
    }

    /// Lets `after` calls of the table through, and holds the next one back.
    pub fn hold(&self, after: usize) -> Held {
        let gate = Arc::new(Gate::default());
        *self.shared.hold.lock().unwrap() = Some((Awaited::Call { after }, gate.clone()));
        Held(gate)
    }

    /// What comes of `late` when its first transaction is on its way while `meanwhile` happens: what it
    /// was decided on is as old as that. Less than two seconds, or it is sent again.
    pub async fn overtake<T>(
        &self,
        late: impl Future<Output = T>,
        meanwhile: impl Future<Output = ()>,
    ) -> T {
        let gate = Arc::new(Gate::default());
        *self.shared.hold.lock().unwrap() = Some((Awaited::Transaction, gate.clone()));
        let held = Held(gate);
        let overtaking = async {
            held.reached().await;
            meanwhile.await;
            held.release();
        };
        tokio::join!(late, overtaking).0
    }

    /// Works again. Whether the fault that was ordered has come to pass.
    pub fn heal(&self) -> bool {
        self.shared.plan.lock().unwrap().take().is_some_and(|plan| plan.struck)
    }
}

impl Shared {
    /// What the next call has to wait for.
    fn next_gate(&self, operation: &str) -> Option<Arc<Gate>> {
        let mut hold = self.hold.lock().unwrap();
        match &mut hold.as_mut()?.0 {
            Awaited::Call { after: 0 } => {}
            Awaited::Call { after } => {
                *after -= 1;
                return None;
            }
            Awaited::Transaction if operation == "TransactWriteItems" => {}
            Awaited::Transaction => return None,
        }
        hold.take().map(|(_, gate)| gate)
    }

    /// What the plan says of the next call.
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

    async fn pass(&self, headers: HeaderMap, body: Bytes) -> Response {
        let mut headers = headers;
        headers.remove("host");
        let answer =
            self.client.post(&self.target).headers(headers).body(body).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, answer.bytes().await.unwrap()).into_response()
    }
}

async fn forward(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    // The stream is read in the background: its calls would make a plan's count a matter of luck.
    let operation = target.and_then(|target| target.strip_prefix("DynamoDB_20120810."));
    if let Some(gate) = operation.and_then(|operation| shared.next_gate(operation)) {
        gate.reached.notify_one();
        gate.released.notified().await;
    }
    let fault = operation.and_then(|operation| shared.next_fault(operation));
    match fault {
        None => shared.pass(headers, body).await,
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
            shared.pass(headers, body).await;
            cut_off()
        }
    }
}

/// An answer that breaks off before its end: the body is an error, which closes the connection.
fn cut_off() -> Response {
    let broken = std::io::Error::other("cut off");
    let body = Body::from_stream(futures_util::stream::once(async { Err::<Bytes, _>(broken) }));
    ([("content-length", "1000")], body).into_response()
}
