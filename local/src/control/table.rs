//! The endpoints `/local/dump` and `/local/dead-letters`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use local_support::{ControlError, ControlResult};
use serde_dynamo::Item;
use serde_json::{Value, json};

use super::{ControlState, wait_until_drained};

/// `GET /local/dump`: returns every item in DynamoDB's JSON (`{"pk":{"S":"…"}}`), sorted by key.
pub(super) async fn dump(State(state): State<Arc<ControlState>>) -> ControlResult<Json<Value>> {
    wait_until_drained(&state.poller).await?;
    let scan = state
        .dynamodb
        .scan()
        .table_name(&state.context.config.table_name)
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let items = scan.try_collect().await.map_err(ControlError::internal)?;
    let mut items: Vec<Value> = items
        .into_iter()
        .map(|item| serde_json::to_value(Item::from(item)))
        .collect::<Result<_, _>>()
        .map_err(ControlError::internal)?;
    items.sort_by_cached_key(|item| (item["pk"].to_string(), item["sk"].to_string()));
    Ok(Json(json!({"data": items})))
}

/// `GET /local/dead-letters`: returns the sequence numbers of the stream records that were given up.
pub(super) async fn dead_letters(State(state): State<Arc<ControlState>>) -> Json<Value> {
    Json(json!({"data": state.poller.dead_letters()}))
}
