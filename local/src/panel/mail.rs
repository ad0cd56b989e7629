//! `/local/mail`

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Panel;
use super::reply::{Refusal, Result};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    to: Option<String>,
}

/// `GET ?to=<address>` → `{"data":[…]}`, newest first. What requests before this one caused has been
/// sent by then.
pub(super) async fn list(
    State(panel): State<Arc<Panel>>,
    query: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>> {
    let Query(Wanted { to }) = query?;
    panel.drained().await?;
    let mails = match to {
        Some(address) => panel.outbox.to(&address),
        None => panel.outbox.all(),
    };
    Ok(Json(json!({"data": mails})))
}

/// `DELETE` → `{"deleted"}`
pub(super) async fn clear(State(panel): State<Arc<Panel>>) -> Result<Json<Value>> {
    panel.drained().await?;
    let deleted = panel.outbox.clear().map_err(Refusal::broken)?;
    Ok(Json(json!({"deleted": deleted})))
}
