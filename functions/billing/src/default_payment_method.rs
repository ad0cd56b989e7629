//! `POST /v1/clients/{client_id}/payment-methods/{payment_method_id}/default`

use axum::extract::State;
use axum::{Extension, Json};
use shared::billing::payment_methods::{PaymentMethodView, set_default};
use shared::context::Context;
use shared::http::openapi::{BillingErrors, OrganizationSessionErrors, ThrottleErrors};
use shared::http::{self, Ids, SessionCaller};
use shared::ids::OrganizationId;
use shared::stripe::{Stripe, StripeId};

/// Make a payment method the default
///
/// Pays the invoices of the plan with this card or bank account from now on. Repeating the call changes nothing. Only
/// the owner may call this.
#[utoipa::path(
    post,
    path = "/v1/clients/{client_id}/payment-methods/{payment_method_id}/default",
    tag = "Billing",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("payment_method_id" = String, Path, description = "The payment method's id at Stripe, from `GET /v1/clients/{client_id}/payment-methods`"),
    ),
    responses(
        (status = 200, body = PaymentMethodView, description = "The payment method is the default"),
        OrganizationSessionErrors,
        ThrottleErrors,
        BillingErrors,
    )
)]
pub(crate) async fn set_default_payment_method(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    SessionCaller(caller): SessionCaller,
    Ids(organization, method): Ids<OrganizationId, StripeId>,
) -> http::Result<Json<PaymentMethodView>> {
    let chosen =
        set_default::set_default_payment_method(&ctx, &stripe, &caller, &organization, &method);
    Ok(Json(chosen.await?))
}
