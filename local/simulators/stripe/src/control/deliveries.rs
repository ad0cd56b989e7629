//! Webhook deliveries: their mode and log, flushing held events and sending events again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use futures_util::future::join_all;
use local_support::{ControlError, ControlResult};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::ApiResult;
use crate::operation::Operation;
use crate::simulator::StripeSimulator;
use crate::webhooks::delivery::{DeliveryAttempt, DeliveryMode};

/// The maximum number of concurrent deliveries of one event.
const MAX_DELIVERY_CONCURRENCY: usize = 1_000;

/// The body of `POST /deliveries`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModeBody {
    mode: DeliveryMode,
    times: Option<usize>,
}

/// The body of `POST /deliveries/flush`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlushBody {
    order: Option<Vec<String>>,
}

/// The body of `POST /deliveries/send`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendBody {
    event: String,
    times: Option<usize>,
    #[serde(default)]
    new_ids: bool,
}

/// `GET /deliveries` →
/// `{"mode","times","pending","held":[{"id","type"}],"log":[{"event","type","status","at"}]}`
///
/// Returns the delivery mode, the held events and the log, oldest first.
pub(crate) async fn list(State(stripe): State<Arc<StripeSimulator>>) -> Json<Value> {
    let (mode, times) = stripe.delivery_mode();
    let held = if mode == DeliveryMode::Hold { stripe.due_events() } else { Vec::new() };
    let log = stripe.delivery_log();
    let store = stripe.lock_store();
    let held = held.iter().filter_map(|id| store.get_any(id));
    let held: Vec<_> =
        held.map(|event| json!({"id": event["id"], "type": event["type"]})).collect();
    let pending = store.deliveries.len();
    Json(json!({"mode": mode, "times": times, "pending": pending, "held": held, "log": log}))
}

/// `POST /deliveries {"mode","times"}` → `{"mode","times"}`
///
/// Sets the delivery mode. Returns after the events that the mode allows have been delivered. `times`
/// is the number of concurrent deliveries in the mode `duplicate` (default 2).
pub(crate) async fn set_mode(
    State(stripe): State<Arc<StripeSimulator>>,
    body: Result<Json<ModeBody>, JsonRejection>,
) -> ControlResult<Json<Value>> {
    let Json(ModeBody { mode, times }) = body?;
    let times = times.unwrap_or(if mode == DeliveryMode::Duplicate { 2 } else { 1 });
    let times = check_times(times)?;
    stripe.set_delivery_mode(mode, times);
    stripe.deliver_due_events().await;
    Ok(Json(json!({"mode": mode, "times": times})))
}

/// `POST /deliveries/flush {"order":["evt_…"]}` → `{"data":[{"event","type","status","at"}]}`
///
/// Delivers held events: those in `order`, in this order, or all of them without `order`.
pub(crate) async fn flush(
    State(stripe): State<Arc<StripeSimulator>>,
    body: Result<Json<FlushBody>, JsonRejection>,
) -> ControlResult<Json<Value>> {
    let Json(FlushBody { order }) = body?;
    Ok(Json(json!({"data": stripe.flush_events(order).await})))
}

/// `POST /deliveries/send {"event","times","new_ids"}` → `{"data":[{"event","type","status","at"}]}`
///
/// Sends an event again, `times` times concurrently. With `new_ids`, each copy has a new event id.
pub(crate) async fn send(
    State(stripe): State<Arc<StripeSimulator>>,
    body: Result<Json<SendBody>, JsonRejection>,
) -> ControlResult<Json<Value>> {
    let Json(SendBody { event, times, new_ids }) = body?;
    let times = check_times(times.unwrap_or(1))?;
    let copies: ApiResult<Vec<Value>> = stripe.run(|op| {
        let event = op.get_object("event", &event, "id")?.clone();
        let copy = |op: &mut Operation<'_>| {
            let mut copy = event.clone();
            if new_ids {
                copy["id"] = op.new_id("evt").into();
                op.store.put(copy.clone());
            }
            copy
        };
        Ok((0..times).map(|_| copy(op)).collect())
    });
    let copies =
        copies.map_err(|error| ControlError::new(StatusCode::NOT_FOUND, error.message()))?;
    let attempts: Vec<DeliveryAttempt> =
        join_all(copies.iter().map(|event| stripe.send_event(event))).await;
    Ok(Json(json!({"data": attempts})))
}

fn check_times(times: usize) -> ControlResult<usize> {
    if !(1..=MAX_DELIVERY_CONCURRENCY).contains(&times) {
        return Err(ControlError::bad_request(format!(
            "times must be a whole number from 1 to {MAX_DELIVERY_CONCURRENCY}"
        )));
    }
    Ok(times)
}
