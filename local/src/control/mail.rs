//! The endpoints below `/local/mail`.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use local_support::{ControlError, ControlResult};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ControlState, wait_until_drained};
use crate::aws::MailboxResponse;

/// The query of `GET /local/mail`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailQuery {
    to: Option<String>,
}

/// `GET ?to=<address>`: returns `{"data":[…]}`, newest first. Waits until the worker has sent the mail of all
/// earlier requests.
pub(super) async fn list(
    State(state): State<Arc<ControlState>>,
    query: Result<Query<MailQuery>, QueryRejection>,
) -> ControlResult<Json<Value>> {
    let Query(MailQuery { to }) = query?;
    wait_until_drained(&state.poller).await?;
    let mails = match to {
        Some(address) => state.outbox.list_to(&address),
        None => state.outbox.list(),
    };
    Ok(Json(json!({"data": mails})))
}

/// `DELETE`: deletes all mail and returns `{"deleted"}`.
pub(super) async fn clear(State(state): State<Arc<ControlState>>) -> ControlResult<Json<Value>> {
    wait_until_drained(&state.poller).await?;
    let deleted = state.outbox.clear().map_err(ControlError::internal)?;
    Ok(Json(json!({"deleted": deleted})))
}

/// The body of `POST /local/mail/mailboxes`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MailboxBody {
    address: String,
    response: MailboxResponse,
}

/// `POST {"address","response"}`: from now on the mailbox responds to mail with `deliver`, `bounce`, `soft_bounce` or
/// `complaint`. Returns `{"address"}`.
pub(super) async fn set_mailbox(
    State(state): State<Arc<ControlState>>,
    body: Result<Json<MailboxBody>, JsonRejection>,
) -> ControlResult<Json<Value>> {
    let Json(MailboxBody { address, response }) = body?;
    wait_until_drained(&state.poller).await?;
    state.outbox.mailboxes.set(&address, response);
    Ok(Json(json!({"address": address})))
}
