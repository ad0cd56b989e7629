//! What people and tests see and set up. JSON, as everything under `/local`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Failing, Slack};
use crate::panel::{Refusal, Result};

/// What is to go wrong with the next posts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Next {
    status: u16,
    times: u32,
}

/// `GET` → `{"data":[…]}`, newest first. What requests before this one caused has been posted by then, or
/// has failed at least once.
pub(super) async fn list(State(slack): State<Arc<Slack>>) -> Result<Json<Value>> {
    drained(&slack).await?;
    let messages: Vec<_> = slack.messages().iter().rev().cloned().collect();
    Ok(Json(json!({"data": messages})))
}

/// `DELETE` → `{"deleted"}`
pub(super) async fn clear(State(slack): State<Arc<Slack>>) -> Result<Json<Value>> {
    drained(&slack).await?;
    let deleted = std::mem::take(&mut *slack.messages()).len();
    Ok(Json(json!({"deleted": deleted})))
}

/// `POST {"status","times"}` → the same: so many posts from now on are answered with that status; `times`
/// 0 takes it back.
pub(super) async fn next(
    State(slack): State<Arc<Slack>>,
    body: std::result::Result<Json<Next>, JsonRejection>,
) -> Result<Json<Value>> {
    let Json(Next { status, times }) = body?;
    let status = StatusCode::from_u16(status).ok().filter(|status| status.as_u16() >= 300);
    let status = status.ok_or_else(|| Refusal::bad("status is not 300 to 999"))?;
    *slack.failing() = (times > 0).then_some(Failing { status, times });
    Ok(Json(json!({"status": status.as_u16(), "times": times})))
}

async fn drained(slack: &Slack) -> Result<()> {
    if slack.pump.drained().await { Ok(()) } else { Err(Refusal::busy()) }
}
