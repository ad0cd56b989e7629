//! `GET /v1/clients/{client_id}/payment-methods`

use axum::extract::State;
use axum::{Extension, Json};
use shared::billing::payment_methods::{PaymentMethodView, list};
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BillingErrors, ListErrors, OrganizationErrors, ThrottleErrors};
use shared::http::openapi_parameters::PageParameters;
use shared::http::{self, Id, PageBody, Paging};
use shared::ids::OrganizationId;
use shared::stripe::Stripe;

/// List payment methods
///
/// Returns the organization's payment methods at Stripe, newest first. A page may have fewer
/// entries than `limit`; continue while `next_cursor` is set. Only the owner may call this.
#[utoipa::path(
    get,
    path = "/v1/clients/{client_id}/payment-methods",
    tag = "Billing",
    security(("session" = []), ("bearer" = ["billing:read"])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        PageParameters,
    ),
    responses(
        (status = 200, body = PageBody<PaymentMethodView>, description = "A page of payment methods"),
        ListErrors,
        OrganizationErrors,
        ThrottleErrors,
        BillingErrors,
    )
)]
pub(crate) async fn list_payment_methods(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    caller: Caller,
    Id(organization_id): Id<OrganizationId>,
    Paging(page): Paging,
) -> http::Result<Json<PageBody<PaymentMethodView>>> {
    Ok(Json(
        list::list_payment_methods(&ctx, &stripe, &caller, &organization_id, &page).await?.into(),
    ))
}
