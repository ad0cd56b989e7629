//! `/local/clients/{id}/plan`

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::billing::Plan;
use shared::billing::set_plan::set_plan;
use shared::error::Error;
use shared::requester::Requester;

use super::Panel;
use super::reply::{Refusal, Result};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    plan: Plan,
}

/// `POST {"plan"}` → `{"id","plan"}`: puts a client on a plan. That brings its limits; nothing is paid, no
/// credits come, and Stripe is told nothing: its pages are there for all of that.
pub(super) async fn put(
    State(panel): State<Arc<Panel>>,
    Path(id): Path<String>,
    body: std::result::Result<Json<Wish>, JsonRejection>,
) -> Result<Json<Value>> {
    let Json(Wish { plan }) = body?;
    let unknown = || Refusal::new(StatusCode::NOT_FOUND, "no such client");
    let id = id.parse().map_err(|_| unknown())?;
    let requester = Requester::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "local stack");
    match set_plan(&panel.context, &requester, &id, plan).await {
        Ok(client) => Ok(Json(json!({"id": client.id.as_str(), "plan": client.plan}))),
        Err(Error::NotFound) => Err(unknown()),
        Err(error) => Err(Refusal::broken(error)),
    }
}
