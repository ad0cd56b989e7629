//! Actions of a customer or a bank: paying, expiring and settling sessions, and closing disputes.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use local_support::ControlResult;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::billing::disputes;
use crate::checkout::{bank_settlement, payment, sessions};
use crate::error::{ApiError, ApiResult};
use crate::simulator::StripeSimulator;

/// The body of `POST /checkout/{id}/pay`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayBody {
    card: String,
}

/// The body of `POST /checkout/{id}/settle`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettleBody {
    succeeded: bool,
}

/// The body of `POST /disputes/{id}/close`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseDisputeBody {
    status: DisputeDecision,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum DisputeDecision {
    Won,
    Lost,
}

/// Returns an error of the API as both `detail`, for people, and `error`, in Stripe's format.
fn to_error_response(error: ApiError) -> Response {
    let body = json!({"detail": error.message(), "error": error.fields});
    (error.status, Json(body)).into_response()
}

fn to_session_response(outcome: ApiResult<Value>) -> Response {
    match outcome {
        Ok(session) => {
            let field = |name: &str| session[name].clone();
            Json(json!({"status": field("status"), "payment_status": field("payment_status")}))
                .into_response()
        }
        Err(error) => to_error_response(error),
    }
}

/// `POST /checkout/{id}/pay {"card"}` → `{"status","payment_status"}`
///
/// Pays a checkout session. A declined card returns 402 with Stripe's error. The events have been
/// delivered when this returns, unless deliveries are held.
pub(crate) async fn pay_session(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
    body: Result<Json<PayBody>, JsonRejection>,
) -> ControlResult<Response> {
    let Json(PayBody { card }) = body?;
    let outcome = stripe.run_and_deliver(|op| payment::pay(op, &id, &card)).await;
    Ok(to_session_response(outcome))
}

/// `POST /checkout/{id}/expire` → `{"status","payment_status"}`
///
/// Expires an open checkout session.
pub(crate) async fn expire_session(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
) -> Response {
    let outcome = stripe.run_and_deliver(|op| sessions::expire(op, &id, &json!({}))).await;
    to_session_response(outcome)
}

/// `POST /checkout/{id}/settle {"succeeded"}` → `{"status","payment_status"}`
///
/// Settles the bank payment of a checkout session.
pub(crate) async fn settle_session(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
    body: Result<Json<SettleBody>, JsonRejection>,
) -> ControlResult<Response> {
    let Json(SettleBody { succeeded }) = body?;
    let outcome = stripe.run_and_deliver(|op| bank_settlement::settle(op, &id, succeeded)).await;
    Ok(to_session_response(outcome))
}

/// `POST /disputes/{id}/close {"status":"won"|"lost"}` → `{"status"}`
///
/// Closes a dispute.
pub(crate) async fn close_dispute(
    State(stripe): State<Arc<StripeSimulator>>,
    Path(id): Path<String>,
    body: Result<Json<CloseDisputeBody>, JsonRejection>,
) -> ControlResult<Response> {
    let Json(CloseDisputeBody { status }) = body?;
    let is_won = status == DisputeDecision::Won;
    let outcome = stripe.run_and_deliver(|op| disputes::close(op, &id, is_won)).await;
    Ok(match outcome {
        Ok(dispute) => Json(json!({"status": dispute["status"]})).into_response(),
        Err(error) => to_error_response(error),
    })
}
