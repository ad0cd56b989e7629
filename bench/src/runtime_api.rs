//! The Lambda Runtime API for one function.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;

use crate::error::Result;

/// How long a function has to start or to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// The Runtime API of one function process.
pub(crate) struct RuntimeApi {
    /// The address that the function gets in `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) address: SocketAddr,
    polls: UnboundedReceiver<Instant>,
    events: UnboundedSender<Invocation>,
    server: JoinHandle<()>,
}

/// The answer of a function to an invocation.
pub(crate) struct Answer {
    /// The time from the delivery of the event to the arrival of the answer.
    pub(crate) duration: Duration,
    /// The JSON that the function answered.
    pub(crate) body: Value,
}

struct ApiState {
    polls: UnboundedSender<Instant>,
    events: Mutex<UnboundedReceiver<Invocation>>,
    /// The invocation that waits for its answer. A function has at most one.
    running: Mutex<Option<Running>>,
}

struct Invocation {
    event: Bytes,
    answered: oneshot::Sender<std::result::Result<(Duration, Bytes), String>>,
}

struct Running {
    delivered_at: Instant,
    answered: oneshot::Sender<std::result::Result<(Duration, Bytes), String>>,
}

impl RuntimeApi {
    /// Starts the API on a free loopback port.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (poll_sender, polls) = unbounded_channel();
        let (events, event_receiver) = unbounded_channel();
        let state = Arc::new(ApiState {
            polls: poll_sender,
            events: Mutex::new(event_receiver),
            running: Mutex::new(None),
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(respond))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(fail))
            .with_state(state);
        let server = tokio::spawn(async move {
            // It ends with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, polls, events, server })
    }

    /// Waits until the function asks for its first event, and returns when it did.
    pub(crate) async fn first_poll(&mut self) -> Result<Instant> {
        let poll = tokio::time::timeout(ANSWER_TIMEOUT, self.polls.recv()).await;
        Ok(poll.map_err(|_| "the function did not start")?.ok_or("the API has ended")?)
    }

    /// Sends an event to the function and waits for its answer.
    pub(crate) async fn invoke(&self, event: &Value) -> Result<Answer> {
        let (answered, answer) = oneshot::channel();
        let invocation = Invocation { event: event.to_string().into(), answered };
        self.events.send(invocation).map_err(|_| "the API has ended")?;
        let answer = tokio::time::timeout(ANSWER_TIMEOUT, answer).await;
        let (duration, body) = answer.map_err(|_| "the function did not answer")???;
        Ok(Answer { duration, body: serde_json::from_slice(&body)? })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(state): State<Arc<ApiState>>) -> Response {
    let _ = state.polls.send(Instant::now());
    let Some(Invocation { event, answered }) = state.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        ("lambda-runtime-deadline-ms", deadline_milliseconds().to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:bench".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    *state.running.lock().await = Some(Running { delivered_at: Instant::now(), answered });
    (headers, event).into_response()
}

fn deadline_milliseconds() -> i64 {
    jiff::Timestamp::now().as_millisecond() + 10_000
}

async fn respond(State(state): State<Arc<ApiState>>, body: Bytes) -> StatusCode {
    let arrived = Instant::now();
    if let Some(Running { delivered_at, answered }) = state.running.lock().await.take() {
        let _ = answered.send(Ok((arrived - delivered_at, body)));
    }
    StatusCode::ACCEPTED
}

async fn fail(State(state): State<Arc<ApiState>>, body: Bytes) -> StatusCode {
    if let Some(running) = state.running.lock().await.take() {
        let _ = running.answered.send(Err(String::from_utf8_lossy(&body).into_owned()));
    }
    StatusCode::ACCEPTED
}
