//! What people and tests do and see. JSON, as everything under `/local`.

use std::result::Result as StdResult;
use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::faults::Fault;
use super::work::Work;
use super::{Stripe, checkout, disputes, paying, refusal, settling};
use crate::panel::{Refusal, Result};

/// The simulator, as handlers get it.
pub(super) type Stated = State<Arc<Stripe>>;
/// A body.
pub(super) type Sent<T> = StdResult<Json<T>, JsonRejection>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pay {
    card: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settle {
    succeeded: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Close {
    status: Decision,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Won,
    Lost,
}

/// Does something and delivers what comes of it, unless that is held.
pub(super) async fn act(
    stripe: &Arc<Stripe>,
    act: impl FnOnce(&mut Work<'_>) -> super::work::Result<Value>,
) -> StdResult<Value, refusal::Refusal> {
    let outcome = stripe.work((None, None), act);
    stripe.deliver().await;
    outcome
}

/// A refusal of Stripe's, for people: `detail` as everything under `/local`, and `error` as Stripe's.
fn refused(refusal: refusal::Refusal) -> Response {
    let body = json!({"detail": refusal.message(), "error": refusal.error});
    (refusal.status, Json(body)).into_response()
}

fn session(outcome: StdResult<Value, refusal::Refusal>) -> Response {
    match outcome {
        Ok(session) => {
            let of = |name: &str| session[name].clone();
            Json(json!({"status": of("status"), "payment_status": of("payment_status")}))
                .into_response()
        }
        Err(refusal) => refused(refusal),
    }
}

/// `POST {"card"}` → `{"status","payment_status"}`, or 402 with Stripe's decline. What came of it has been
/// delivered by then, unless deliveries are held.
pub(super) async fn pay(
    State(stripe): Stated,
    Path(id): Path<String>,
    body: Sent<Pay>,
) -> Result<Response> {
    let Json(Pay { card }) = body?;
    Ok(session(act(&stripe, |work| paying::pay(work, &id, &card)).await))
}

/// `POST` → the same.
pub(super) async fn expire(State(stripe): Stated, Path(id): Path<String>) -> Response {
    session(act(&stripe, |work| checkout::expire(work, &id, &json!({}))).await)
}

/// `POST {"succeeded"}` → the same: a bank decides.
pub(super) async fn settle(
    State(stripe): Stated,
    Path(id): Path<String>,
    body: Sent<Settle>,
) -> Result<Response> {
    let Json(Settle { succeeded }) = body?;
    Ok(session(act(&stripe, |work| settling::settle(work, &id, succeeded)).await))
}

/// `POST {"status":"won"|"lost"}` → `{"status"}`
pub(super) async fn close(
    State(stripe): Stated,
    Path(id): Path<String>,
    body: Sent<Close>,
) -> Result<Response> {
    let Json(Close { status }) = body?;
    let outcome = act(&stripe, |work| disputes::close(work, &id, status == Decision::Won)).await;
    Ok(match outcome {
        Ok(dispute) => Json(json!({"status": dispute["status"]})).into_response(),
        Err(refusal) => refused(refusal),
    })
}

/// `POST {"next","status","skip","after"}` → `{"next"}`: so many calls of the API fail, behind as many as are
/// to be skipped, with a status or by `"timeout"`; `after` what was asked for is done, where it says so.
pub(super) async fn faults(State(stripe): Stated, body: Sent<Fault>) -> Result<Json<Value>> {
    let Json(fault) = body?;
    if let Some(defect) = fault.defect() {
        return Err(Refusal::bad(defect));
    }
    Ok(Json(json!({"next": stripe.set_fault(fault)})))
}

/// `GET` → `{"data":[{"method","path","parameters","idempotency_key","user_agent","status","at"}]}`, oldest
/// first.
pub(super) async fn requests(State(stripe): Stated) -> Json<Value> {
    Json(json!({"data": *stripe.requests.lock().unwrap_or_else(PoisonError::into_inner)}))
}

/// `DELETE` → `{"deleted"}`
pub(super) async fn clear_requests(State(stripe): Stated) -> Json<Value> {
    let all = std::mem::take(&mut *stripe.requests.lock().unwrap_or_else(PoisonError::into_inner));
    Json(json!({"deleted": all.len()}))
}
