//! Deliveries, as people and tests see and steer them.

use std::sync::PoisonError;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};

use super::control::{Sent, Stated};
use super::deliveries::{Attempt, Mode};
use super::refusal;
use super::work::Work;
use crate::panel::{Refusal, Result};

/// Most times that an event is sent at once.
const MOST_TIMES: usize = 1_000;

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

/// `GET` → `{"mode","times","pending","held":[{"id","type"}],"log":[{"event","type","status","at"}]}`; the
/// log with the oldest first.
pub(super) async fn list(State(stripe): Stated) -> Json<Value> {
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
pub(super) async fn set(State(stripe): Stated, body: Sent<Deliveries>) -> Result<Json<Value>> {
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

fn within(times: usize) -> Result<usize> {
    if !(1..=MOST_TIMES).contains(&times) {
        return Err(Refusal::bad(format!("times must be a whole number from 1 to {MOST_TIMES}")));
    }
    Ok(times)
}
