//! The endpoints `/local/dump` and `/local/dead-letters`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_dynamo::Item;
use serde_json::{Value, json};

use super::AdminState;
use super::error::{AdminError, Result};

/// `GET /local/dump`: returns every item in DynamoDB's JSON (`{"pk":{"S":"…"}}`), sorted by key.
pub(super) async fn dump(State(state): State<Arc<AdminState>>) -> Result<Json<Value>> {
    state.wait_until_drained().await?;
    let scan = state
        .dynamodb
        .scan()
        .table_name(&state.context.config.table_name)
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let items = scan.try_collect().await.map_err(AdminError::internal)?;
    let mut items: Vec<Value> = items
        .into_iter()
        .map(|item| serde_json::to_value(Item::from(item)))
        .collect::<std::result::Result<_, _>>()
        .map_err(AdminError::internal)?;
    items.sort_by_cached_key(|item| (item["pk"].to_string(), item["sk"].to_string()));
    Ok(Json(json!({"data": items})))
}

/// `GET /local/dead-letters`: returns the sequence numbers of the stream records that were given up.
pub(super) async fn dead_letters(State(state): State<Arc<AdminState>>) -> Json<Value> {
    Json(json!({"data": state.poller.dead_letters()}))
}

impl AdminState {
    /// Waits until the worker has processed all earlier writes.
    ///
    /// # Errors
    /// 503 if the worker does not finish in time.
    pub(super) async fn wait_until_drained(&self) -> Result<()> {
        if self.poller.wait_until_drained().await { Ok(()) } else { Err(AdminError::busy()) }
    }
}
