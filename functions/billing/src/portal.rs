//! `POST /v1/clients/{client_id}/portal`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::billing::hosted_pages::ReturnUrl;
use shared::billing::hosted_pages::portal::{PortalSession, create_portal_session};
use shared::config::Config;
use shared::context::Context;
use shared::error::Result;
use shared::http::openapi::StripeChangeErrors;
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, ErrorBody, idempotent_response};
use shared::stripe::Stripe;
use utoipa::ToSchema;

use crate::hosted_page::HostedPageInput;

/// Parameters for opening the billing portal.
#[derive(Deserialize, ToSchema)]
#[schema(as = OpenPortal)]
pub(crate) struct Request {
    /// The URL that the portal links back to, on an allowed site.
    #[schema(example = "https://aius.co/billing", max_length = 2000)]
    return_url: String,
}

impl Request {
    fn parse(self, config: &Config) -> Result<ReturnUrl> {
        ReturnUrl::parse("return_url", &self.return_url, config)
    }
}

/// Open the billing portal
///
/// Creates a session of Stripe's customer portal; redirect the browser to its `url`. The portal
/// manages cards and addresses and shows invoices; it does not change the plan. Only the owner may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/portal",
    tag = "Billing",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = PortalSession, description = "The portal session was created"),
        (status = 400, body = ErrorBody, description = "`MISSING_RETURN_URL`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 409, body = ErrorBody, description = "`IDEMPOTENCY_CONFLICT`: use a new key"),
        StripeChangeErrors,
    )
)]
pub(crate) async fn open_portal(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    input: HostedPageInput<Request>,
) -> http::Result<Response> {
    let call = input.parse(|body| body.parse(&ctx.config)).await?;
    let created = create_portal_session(&ctx, &stripe, call.request(), &call.params).await?;
    Ok(idempotent_response(created))
}
