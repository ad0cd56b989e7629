//! The API requests that the service sent, and simulated failures of the next ones.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use local_support::{ControlError, ControlResult};
use serde_json::{Value, json};

use crate::faults::ApiFault;
use crate::simulator::StripeSimulator;

/// `POST /faults {"next","status","skip","after"}` → `{"next"}`
///
/// Makes the next calls of the API fail:
///
/// - `next`: the number of calls that fail
/// - `status`: the HTTP status, or `"timeout"` for a delayed response
/// - `skip`: the number of calls that succeed first (default 0)
/// - `after`: whether the call is executed before it fails (default false)
pub(crate) async fn set_fault(
    State(stripe): State<Arc<StripeSimulator>>,
    body: Result<Json<ApiFault>, JsonRejection>,
) -> ControlResult<Json<Value>> {
    let Json(fault) = body?;
    if let Some(problem) = fault.find_problem() {
        return Err(ControlError::bad_request(problem));
    }
    let next = fault.remaining_calls();
    stripe.set_fault(fault);
    Ok(Json(json!({"next": next})))
}

/// `GET /requests` →
/// `{"data":[{"method","path","parameters","idempotency_key","user_agent","status","at"}]}`
///
/// Lists the API requests, oldest first.
pub(crate) async fn list(State(stripe): State<Arc<StripeSimulator>>) -> Json<Value> {
    Json(json!({"data": stripe.request_log()}))
}

/// `DELETE /requests` → `{"deleted"}`
///
/// Empties the request log.
pub(crate) async fn clear(State(stripe): State<Arc<StripeSimulator>>) -> Json<Value> {
    Json(json!({"deleted": stripe.clear_request_log()}))
}
