//! `POST /v1/webhooks/stripe`

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Serialize;
use shared::billing::events::handle;
use shared::context::Context;
use shared::http::openapi::BillingErrors;
use shared::http::{self, ErrorBody, Rejection};
use shared::requester::Requester;
use shared::stripe::events::Event;
use shared::stripe::{Stripe, signature};
use utoipa::ToSchema;

/// The header that says who signed the body.
const SIGNATURE: &str = "stripe-signature";

/// Longest event, in bytes: several times the largest that Stripe sends of what is listened for.
const MAX_BYTES: usize = 1024 * 1024;

/// That it was heard.
#[derive(Serialize, ToSchema)]
pub(crate) struct Received {
    /// Always true.
    #[schema(example = true)]
    received: bool,
}

/// Hear of something at Stripe
///
/// For Stripe alone, which signs what it sends. How a thing stands is asked of Stripe; an event that comes
/// twice, late or out of order does no harm. Whatever isn't answered 200 is to be sent again.
#[utoipa::path(
    post,
    path = "/v1/webhooks/stripe",
    tag = "Webhooks",
    params(("Stripe-Signature" = String, Header, description = "`t=…,v1=…`, over the body as it was sent; five minutes old at most")),
    request_body(content = Object, content_type = "application/json", description = "An event of Stripe's"),
    responses(
        (status = 200, body = Received, description = "Done, or nothing to do"),
        (status = 400, body = ErrorBody, description = "`INVALID_SIGNATURE`; `INVALID_JSON` of what is signed and no event"),
        (status = 413, body = ErrorBody, description = "`BODY_TOO_LARGE`"),
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
    let body = to_bytes(body, MAX_BYTES).await.map_err(|_| Rejection::BodyTooLarge(MAX_BYTES))?;
    let signed = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    signature::verify(&ctx, signed, &body).await?;
    let event: Event = serde_json::from_slice(&body)
        .map_err(|_| Rejection::InvalidJson("The body is not an event".into()))?;
    handle(&ctx, &stripe, &requester, &event).await?;
    Ok(Json(Received { received: true }))
}
