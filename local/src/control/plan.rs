//! The endpoint `/local/clients/{id}/plan`, which sets the plan of an organization without a payment.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use local_support::{ControlError, ControlResult};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::billing::Plan;
use shared::billing::set_plan::set_plan;
use shared::error::Error;
use shared::requester::Requester;

use super::ControlState;

/// The body of `POST /local/clients/{id}/plan`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanBody {
    plan: Plan,
}

/// `POST {"plan"}`: puts an organization on a plan and returns `{"id","plan"}`. This sets the limits of the plan
/// without a payment or credits, and does not involve Stripe.
pub(super) async fn change(
    State(state): State<Arc<ControlState>>,
    Path(id): Path<String>,
    body: Result<Json<PlanBody>, JsonRejection>,
) -> ControlResult<Json<Value>> {
    let Json(PlanBody { plan }) = body?;
    let not_found = || ControlError::new(StatusCode::NOT_FOUND, "no such client");
    let id = id.parse().map_err(|_| not_found())?;
    let requester = Requester::new(IpAddr::V4(Ipv4Addr::LOCALHOST), "local stack");
    match set_plan(&state.context, &requester, &id, plan).await {
        Ok(client) => Ok(Json(json!({"id": client.id.as_str(), "plan": client.plan}))),
        Err(Error::NotFound) => Err(not_found()),
        Err(error) => Err(ControlError::internal(error)),
    }
}
