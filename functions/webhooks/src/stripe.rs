//! `POST /v1/webhooks/stripe`

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Serialize;
use shared::billing::webhooks::process_event;
use shared::context::Context;
use shared::http::openapi::BillingErrors;
use shared::http::{self, ErrorBody, Rejection};
use shared::requester::Requester;
use shared::stripe::events::StripeEvent;
use shared::stripe::{Stripe, signature};
use utoipa::ToSchema;

/// Name of the header with the signature of the body.
const SIGNATURE: &str = "stripe-signature";

/// Maximum size of an event in bytes: several times the largest event of the types that are handled.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Confirmation that an event was received.
#[derive(Serialize, ToSchema)]
pub(crate) struct Received {
    /// Whether the event was received; always `true`.
    #[schema(example = true)]
    received: bool,
}

/// Receive a Stripe event
///
/// Processes an event that Stripe sends and signs. The service reads the current state from Stripe,
/// so events may come twice, late or out of order. Stripe sends an event again unless the response
/// is 200.
#[utoipa::path(
    post,
    path = "/v1/webhooks/stripe",
    tag = "Webhooks",
    params(("Stripe-Signature" = String, Header, description = "`t=…,v1=…`: the signature of the raw body, at most 5 minutes old")),
    request_body(content = Object, content_type = "application/json", description = "A Stripe event"),
    responses(
        (status = 200, body = Received, description = "The event was processed, or needs no processing"),
        (status = 400, body = ErrorBody, description = "`INVALID_SIGNATURE`; `INVALID_JSON` if the signed body is not an event"),
        (status = 413, body = ErrorBody, description = "`BODY_TOO_LARGE`: the message states the limit in bytes"),
        BillingErrors,
    )
)]
pub(crate) async fn receive_stripe_event(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    requester: Requester,
    headers: HeaderMap,
    body: Body,
) -> http::Result<Json<Received>> {
    let body = to_bytes(body, MAX_BODY_BYTES)
        .await
        .map_err(|_| Rejection::BodyTooLarge(MAX_BODY_BYTES))?;
    let signed = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    signature::verify_signature(&ctx, signed, &body).await?;
    let event: StripeEvent = serde_json::from_slice(&body)
        .map_err(|_| Rejection::InvalidJson("The body is not an event".into()))?;
    process_event(&ctx, &stripe, &requester, &event).await?;
    Ok(Json(Received { received: true }))
}
