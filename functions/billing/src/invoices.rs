//! `GET /v1/clients/{client_id}/invoices`

use axum::extract::State;
use axum::{Extension, Json};
use shared::billing::invoices::{self, InvoiceView};
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BillingErrors, ListErrors, OrganizationErrors, ThrottleErrors};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Id, PageBody, Paging};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

/// List invoices
///
/// Returns the organization's invoices at Stripe, newest first. A page may have fewer entries than
/// `limit`; continue while `next_cursor` is set. Only the owner may call this.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/invoices",
    tag = "Billing",
    security(("session" = []), ("bearer" = ["billing:read"])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        PageParameters,
    ),
    responses(
        (status = 200, body = PageBody<InvoiceView>, description = "A page of invoices"),
        ListErrors,
        OrganizationErrors,
        ThrottleErrors,
        BillingErrors,
    )
)]
pub(crate) async fn list_invoices(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    caller: Caller,
    Id(organization_id): Id<OrganizationId>,
    Paging(page): Paging,
) -> http::Result<Json<PageBody<InvoiceView>>> {
    Ok(Json(invoices::list_invoices(&ctx, &stripe, &caller, &organization_id, &page).await?.into()))
}
