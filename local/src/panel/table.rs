//! `/local/dump` and `/local/dead-letters`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_dynamo::Item;
use serde_json::{Value, json};

use super::Panel;
use super::reply::{Refusal, Result};

/// Every item as DynamoDB has it, each value with its type (`{"pk":{"S":"…"}}`), in the order of the
/// keys.
pub(super) async fn dump(State(panel): State<Arc<Panel>>) -> Result<Json<Value>> {
    panel.drained().await?;
    let scan = panel
        .dynamodb
        .scan()
        .table_name(&panel.context.config.table_name)
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let items = scan.try_collect().await.map_err(Refusal::broken)?;
    let mut items: Vec<Value> = items
        .into_iter()
        .map(|item| serde_json::to_value(Item::from(item)))
        .collect::<std::result::Result<_, _>>()
        .map_err(Refusal::broken)?;
    items.sort_by_cached_key(|item| (item["pk"].to_string(), item["sk"].to_string()));
    Ok(Json(json!({"data": items})))
}

/// The numbers of the stream's records that the worker gave up.
pub(super) async fn dead_letters(State(panel): State<Arc<Panel>>) -> Json<Value> {
    Json(json!({"data": panel.pump.dead_letters()}))
}

impl Panel {
    /// Waits until the worker has done what was written so far.
    pub(super) async fn drained(&self) -> Result<()> {
        if self.pump.drained().await { Ok(()) } else { Err(Refusal::busy()) }
    }
}
