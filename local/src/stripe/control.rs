//! What people and tests do and see. JSON, as everything under `/local`.

use std::result::Result as StdResult;
use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};

use super::deliveries::{Attempt, Mode};
use super::faults::Fault;
use super::work::Work;
use super::{Stripe, checkout, disputes, paying, refusal};
use crate::panel::{Refusal, Result};

type Stated = State<Arc<Stripe>>;
type Sent<T> = StdResult<Json<T>, JsonRejection>;

/// Most times that an event is sent at once.
const MOST_TIMES: usize = 1_000;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deliveries {
    mode: Mode,
    times: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Flush {
    order: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Send {
    event: String,
    times: Option<usize>,
    #[serde(default)]
    new_ids: bool,
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
    Ok(session(act(&stripe, |work| paying::settle(work, &id, succeeded)).await))
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

/// `GET` → `{"mode","times","pending","held":[{"id","type"}],"log":[{"event","type","status","at"}]}`; the
/// log with the oldest first.
pub(super) async fn deliveries(State(stripe): Stated) -> Json<Value> {
    let (mode, times) = stripe.mode();
    let due = if mode == Mode::Hold { stripe.due() } else { Vec::new() };
    let store = stripe.store();
    let held = due.iter().filter_map(|id| store.any(id));
    let held: Vec<_> =
        held.map(|event| json!({"id": event["id"], "type": event["type"]})).collect();
    let log = stripe.log.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Json(
        json!({"mode": mode, "times": times, "pending": store.deliveries.len(), "held": held, "log": log}),
    )
}

/// `POST {"mode","times"}` → `{"mode","times"}`, after what the mode lets through has been delivered.
pub(super) async fn set_deliveries(
    State(stripe): Stated,
    body: Sent<Deliveries>,
) -> Result<Json<Value>> {
    let Json(Deliveries { mode, times }) = body?;
    let times = times.unwrap_or(if mode == Mode::Duplicate { 2 } else { 1 });
    let times = within(times)?;
    stripe.set_mode(mode, times);
    stripe.deliver().await;
    Ok(Json(json!({"mode": mode, "times": times})))
}

/// `POST {"order":["evt_…"]}` → `{"data":[{"event","type","status","at"}]}`: delivers the named of the events
/// that are held, in that order; all of them where none are named.
pub(super) async fn flush(State(stripe): Stated, body: Sent<Flush>) -> Result<Json<Value>> {
    let Json(Flush { order }) = body?;
    Ok(Json(json!({"data": stripe.flush(order).await})))
}

/// `POST {"event","times","new_ids"}` → `{"data":[…]}`: delivers one event again, so many times at once.
pub(super) async fn send(State(stripe): Stated, body: Sent<Send>) -> Result<Json<Value>> {
    let Json(Send { event, times, new_ids }) = body?;
    let times = within(times.unwrap_or(1))?;
    let copies = stripe.work((None, None), |work| {
        let event = work.get("event", &event, "id")?.clone();
        let copy = |work: &mut Work<'_>| {
            let mut copy = event.clone();
            if new_ids {
                copy["id"] = work.id("evt").into();
                work.store.put(copy.clone());
            }
            copy
        };
        Ok::<_, refusal::Refusal>((0..times).map(|_| copy(work)).collect::<Vec<_>>())
    });
    let copies =
        copies.map_err(|refusal| Refusal::new(StatusCode::NOT_FOUND, refusal.message()))?;
    let attempts: Vec<Attempt> = join_all(copies.iter().map(|event| stripe.send(event))).await;
    Ok(Json(json!({"data": attempts})))
}

/// `POST {"next","status","after"}` → `{"next"}`: so many calls of the API fail, with a status or by
/// `"timeout"`; `after` what was asked for is done, where it says so.
pub(super) async fn faults(State(stripe): Stated, body: Sent<Fault>) -> Result<Json<Value>> {
    let Json(fault) = body?;
    if let Some(defect) = fault.defect() {
        return Err(Refusal::bad(defect));
    }
    Ok(Json(json!({"next": stripe.set_fault(fault)})))
}

/// `GET` → `{"data":[{"method","path","parameters","idempotency_key","status","at"}]}`, oldest first.
pub(super) async fn requests(State(stripe): Stated) -> Json<Value> {
    Json(json!({"data": *stripe.requests.lock().unwrap_or_else(PoisonError::into_inner)}))
}

/// `DELETE` → `{"deleted"}`
pub(super) async fn clear_requests(State(stripe): Stated) -> Json<Value> {
    let all = std::mem::take(&mut *stripe.requests.lock().unwrap_or_else(PoisonError::into_inner));
    Json(json!({"deleted": all.len()}))
}

fn within(times: usize) -> Result<usize> {
    if !(1..=MOST_TIMES).contains(&times) {
        return Err(Refusal::bad(format!("times must be a whole number from 1 to {MOST_TIMES}")));
    }
    Ok(times)
}
