//! `/local/clock`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::clock::Clock;

use super::Panel;
use super::reply::{Refusal, Result};

/// Ten years: times stay where texts have four digits for the year.
const LONGEST_ADVANCE: u32 = 315_360_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    advance_seconds: u32,
}

/// `GET` → `{"now"}`
pub(super) async fn read(State(panel): State<Arc<Panel>>) -> Json<Value> {
    Json(json!({"now": panel.clock.now()}))
}

/// `POST {"advance_seconds"}` → `{"now","invocations","skipped"}`, after everything that is scheduled on
/// the way has happened: at most 400 invocations of each schedule, and how many beyond were skipped.
pub(super) async fn advance(
    State(panel): State<Arc<Panel>>,
    body: std::result::Result<Json<Advance>, JsonRejection>,
) -> Result<Json<Value>> {
    let Json(Advance { advance_seconds }) = body?;
    if !(1..=LONGEST_ADVANCE).contains(&advance_seconds) {
        return Err(Refusal::bad(format!(
            "advance_seconds must be a whole number from 1 to {LONGEST_ADVANCE}"
        )));
    }
    let schedules = panel.schedules.clone();
    // A task of its own: whoever stops waiting doesn't leave the clock half way.
    let moved = tokio::spawn(async move { schedules.advance(advance_seconds).await });
    let passed = moved.await.map_err(Refusal::broken)?.map_err(Refusal::broken)?;
    Ok(Json(json!({
        "now": panel.clock.now(),
        "invocations": passed.invocations,
        "skipped": passed.skipped,
    })))
}
