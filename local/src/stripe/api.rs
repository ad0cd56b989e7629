//! Stripe's API: who asks, what for, and whether it was asked before.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::authority::{authorized, version};
use super::expand::expand;
use super::lists::PAGES;
use super::public::VERSION;
use super::refusal::Refusal;
use super::store::Answer;
use super::{Stripe, beyond, calls, parameters, schema};

/// How long an idempotency key is known, in seconds.
const KEY_LIFE: i64 = 86_400;

/// A request.
pub(super) struct Asked {
    pub(super) method: String,
    /// From `/v1` on.
    pub(super) path: String,
    pub(super) parameters: Value,
    pub(super) key: Option<String>,
    user_agent: Option<String>,
    id: String,
}

pub(super) async fn handle(
    State(stripe): State<Arc<Stripe>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let query = uri.query().unwrap_or_default().as_bytes();
    let sent = if body.is_empty() { query } else { &body };
    let parsed = parameters::parse(sent);
    let asked = Asked {
        method: method.to_string(),
        path: uri.path().to_owned(),
        parameters: parsed.clone().unwrap_or_default(),
        key: text("idempotency-key").map(str::to_owned),
        user_agent: text("user-agent").map(str::to_owned),
        id: format!("req_{}", stripe.random.identifier()),
    };
    let fault = stripe.take_fault();
    let is_over = fault.as_ref().is_some_and(|fault| !fault.after);
    let answer = if is_over {
        Err(Refusal::broken(StatusCode::INTERNAL_SERVER_ERROR))
    } else {
        let known = authorized(&stripe, &headers).and_then(|()| version(text("stripe-version")));
        known.and_then(|()| match parsed {
            Some(_) => answer(&stripe, &asked),
            None => Err(Refusal::invalid("Invalid request: parameters contradict each other")),
        })
    };
    Stripe::deliver_soon(&stripe);
    let (mut status, mut body, mut replayed) = match answer {
        Ok((status, body, replayed)) => (status, body, replayed),
        Err(refusal) => (refusal.status, refusal.body(), false),
    };
    if let Some(fault) = &fault {
        status = fault.status();
        (body, replayed) = (Refusal::broken(status).body(), false);
    }
    stripe.note(&asked, status);
    if let Some(fault) = &fault {
        fault.wait().await;
    }
    let mut response = (status, Json(body)).into_response();
    let own = [("request-id", asked.id.as_str()), ("stripe-version", VERSION)];
    let replayed = replayed.then_some(("idempotent-replayed", "true"));
    let key = asked.key.as_deref().map(|key| ("idempotency-key", key));
    for (name, value) in own.into_iter().chain(replayed).chain(key) {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

type Answered = Result<(StatusCode, Value, bool), Refusal>;

fn answer(stripe: &Stripe, asked: &Asked) -> Answered {
    let Some((call, id)) = calls::find(&asked.method, &asked.path) else {
        let message = format!(
            "Unrecognized request URL ({}: {}). If you are trying to list objects, remove \
            the trailing slash. If you are trying to retrieve an object, make sure you passed a valid \
            (non-empty) identifier in your code.",
            asked.method, asked.path
        );
        return Err(Refusal::invalid(message).with_status(StatusCode::NOT_FOUND));
    };
    let request = format!("{} {} {}", asked.method, asked.path, asked.parameters);
    stripe.work((Some(asked.id.clone()), asked.key.clone()), |work| {
        let key = asked.key.as_deref().filter(|_| asked.method != "GET");
        let now = work.now;
        work.store.answers.retain(|_, answer| answer.at > now - KEY_LIFE);
        if let Some((key, earlier)) = key.and_then(|key| Some((key, work.store.answers.get(key)?)))
        {
            return again(key, earlier, &request);
        }
        check(stripe, asked, call)?;
        let outcome = (call.run)(work, id, &asked.parameters).and_then(|mut body| {
            expand(work, &mut body, &asked.parameters)?;
            Ok(body)
        });
        let (status, body) = match outcome {
            Ok(body) => (StatusCode::OK, body),
            // Whoever was declined stays so under the key; what made no sense may be asked again.
            Err(refusal) if refusal.status == StatusCode::PAYMENT_REQUIRED => {
                (refusal.status, refusal.body())
            }
            Err(refusal) => return Err(refusal),
        };
        if let Some(key) = key {
            let kept = Answer { request, status: status.as_u16(), body: body.clone(), at: now };
            work.store.answers.insert(key.to_owned(), kept);
        }
        Ok((status, body, false))
    })
}

fn again(key: &str, earlier: &Answer, request: &str) -> Answered {
    if earlier.request != request {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they \
            were first used with. Try using a key other than '{key}' if you meant to execute a different \
            request."
        );
        return Err(Refusal::idempotency(message));
    }
    Ok((StatusCode::from_u16(earlier.status).unwrap_or_default(), earlier.body.clone(), true))
}

/// Whether the parameters are Stripe's, and simulated.
fn check(stripe: &Stripe, asked: &Asked, call: &calls::Call) -> Result<(), Refusal> {
    let schema = stripe.public.parameters(&asked.method.to_lowercase(), call.path);
    schema::check(&schema, &asked.parameters)?;
    let mut takes = call.takes.to_vec();
    takes.push("expand");
    if asked.method == "GET" {
        takes.extend(PAGES);
    }
    match beyond::first_beyond(&takes, &asked.parameters, "") {
        None => Ok(()),
        Some(name) => {
            Err(beyond::not_simulated(&format!("the parameter {name}")).with_param(&name))
        }
    }
}

impl Asked {
    /// As `/local/stripe/requests` lists it.
    pub(super) fn noted(&self, status: StatusCode, at: i64) -> Value {
        json!({"method": self.method, "path": self.path, "parameters": self.parameters,
            "idempotency_key": self.key, "user_agent": self.user_agent,
            "status": status.as_u16(), "at": at})
    }
}
