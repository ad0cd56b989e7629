//! `GET /v1/clients/{client_id}/invoices/{invoice_id}/pdf`

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::IntoResponse;
use shared::billing::invoices::read_invoice_pdf_url;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BillingErrors, OrganizationErrors, ThrottleErrors};
use shared::http::{self, Ids};
use shared::ids::OrganizationId;
use shared::stripe::{Stripe, StripeId};

/// Download an invoice
///
/// Redirects to the current URL of the PDF at Stripe. Only the owner may call this.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/invoices/{invoice_id}/pdf",
    tag = "Billing",
    security(("session" = []), ("bearer" = ["billing:read"])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("invoice_id" = String, Path, description = "The invoice's id at Stripe, from `GET /v1/clients/{client_id}/invoices`"),
    ),
    responses(
        (status = 302, description = "A redirect to the PDF", headers(("location" = String, description = "The URL of the PDF"))),
        OrganizationErrors,
        ThrottleErrors,
        BillingErrors,
    )
)]
pub(crate) async fn read_invoice_pdf(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    caller: Caller,
    Ids(organization, invoice): Ids<OrganizationId, StripeId>,
) -> http::Result<impl IntoResponse> {
    let url = read_invoice_pdf_url(&ctx, &stripe, &caller, &organization, &invoice).await?;
    Ok((StatusCode::FOUND, [(LOCATION, url)]))
}
