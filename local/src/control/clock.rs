//! The endpoint `/local/clock`, which shows and moves the clock.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use local_support::{ControlError, ControlResult};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::clock::Clock;

use super::ControlState;

/// The maximum move of the clock: ten years. Further moves could reach years with five digits.
const MAX_ADVANCE_SECONDS: u32 = 315_360_000;

/// The body of `POST /local/clock`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdvanceBody {
    advance_seconds: u32,
    /// Whether the schedules that are due on the way are run.
    #[serde(default = "run_by_default")]
    run_schedules: bool,
}

fn run_by_default() -> bool {
    true
}

/// `GET`: returns `{"now"}`.
pub(super) async fn read(State(state): State<Arc<ControlState>>) -> Json<Value> {
    Json(json!({"now": state.clock.now()}))
}

/// `POST {"advance_seconds"}`: moves the clock and returns `{"now","invocations","skipped"}` after everything
/// that was due has run. An hourly schedule is run in the first and last six hours, and once a day between. Each
/// schedule is run at most 400 times, and none with `"run_schedules": false`.
pub(super) async fn advance(
    State(state): State<Arc<ControlState>>,
    body: Result<Json<AdvanceBody>, JsonRejection>,
) -> ControlResult<Json<Value>> {
    let Json(AdvanceBody { advance_seconds, run_schedules }) = body?;
    if !(1..=MAX_ADVANCE_SECONDS).contains(&advance_seconds) {
        return Err(ControlError::bad_request(format!(
            "advance_seconds must be a whole number from 1 to {MAX_ADVANCE_SECONDS}"
        )));
    }
    let schedules = state.schedules.clone();
    // A task of its own completes the move even if the client disconnects.
    let advancing = tokio::spawn(async move {
        if run_schedules {
            schedules.advance(advance_seconds).await
        } else {
            schedules.advance_without_runs(advance_seconds).await
        }
    });
    let report =
        advancing.await.map_err(ControlError::internal)?.map_err(ControlError::internal)?;
    Ok(Json(json!({
        "now": state.clock.now(),
        "invocations": report.invocations,
        "skipped": report.skipped,
    })))
}
