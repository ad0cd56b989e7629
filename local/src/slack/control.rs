//! The control endpoints: posted messages, and simulated failures of the next posts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use local_support::{ControlError, ControlResult};
use serde::Deserialize;
use serde_json::{Value, json};

use super::simulator::{PostFault, SlackSimulator};
use crate::control::wait_until_drained;

/// The status with which the next posts fail, and their number.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PostFaultBody {
    status: u16,
    times: u32,
}

/// `GET /` → `{"data":[…]}`
///
/// Lists the messages, newest first. The messages that earlier requests caused have been posted by then,
/// or have failed at least once.
///
/// # Errors
/// Fails with 503 if the worker does not process the stream in time.
pub(super) async fn list_messages(
    State(slack): State<Arc<SlackSimulator>>,
) -> ControlResult<Json<Value>> {
    wait_until_drained(&slack.poller).await?;
    let messages: Vec<_> = slack.lock_messages().iter().rev().cloned().collect();
    Ok(Json(json!({"data": messages})))
}

/// `DELETE /` → `{"deleted"}`
///
/// Deletes all messages.
///
/// # Errors
/// Fails with 503 if the worker does not process the stream in time.
pub(super) async fn delete_messages(
    State(slack): State<Arc<SlackSimulator>>,
) -> ControlResult<Json<Value>> {
    wait_until_drained(&slack.poller).await?;
    let deleted = std::mem::take(&mut *slack.lock_messages()).len();
    Ok(Json(json!({"deleted": deleted})))
}

/// `POST /next {"status","times"}` → the same
///
/// Makes the next `times` posts fail with `status`. `times` 0 disables the fault.
///
/// # Errors
/// Fails with 400 if the status is not from 300 to 999.
pub(super) async fn set_fault(
    State(slack): State<Arc<SlackSimulator>>,
    body: Result<Json<PostFaultBody>, JsonRejection>,
) -> ControlResult<Json<Value>> {
    let Json(PostFaultBody { status, times }) = body?;
    let status = StatusCode::from_u16(status).ok().filter(|status| status.as_u16() >= 300);
    let status = status.ok_or_else(|| ControlError::bad_request("status must be 300 to 999"))?;
    *slack.lock_fault() = (times > 0).then_some(PostFault { status, times });
    Ok(Json(json!({"status": status.as_u16(), "times": times})))
}
