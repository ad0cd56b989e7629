//! `DELETE /v1/clients/{client_id}/payment-methods/{payment_method_id}`

use axum::extract::State;
use axum::{Extension, Json};
use serde::Serialize;
use shared::billing::payment_methods::remove;
use shared::context::Context;
use shared::http::openapi::{BillingErrors, OrganizationSessionErrors, ThrottleErrors};
use shared::http::{self, ErrorBody, Ids, SessionCaller};
use shared::ids::OrganizationId;
use shared::stripe::{Stripe, StripeId};
use utoipa::ToSchema;

/// Response to the removal of a payment method.
#[derive(Serialize, ToSchema)]
#[schema(as = PaymentMethodRemoved)]
pub(crate) struct ResponseBody {
    /// Always true.
    deleted: bool,
}

/// Remove a payment method
///
/// Removes a card or bank account for good. While there is a subscription, its default payment method and the last one
/// cannot be removed. Only the owner may call this.
#[utoipa::path(
    delete,
    path = "/v1/clients/{client_id}/payment-methods/{payment_method_id}",
    tag = "Billing",
    security(("session" = [])),
    params(
        ("client_id" = String, Path, description = "The organization's id"),
        ("payment_method_id" = String, Path, description = "The payment method's id at Stripe, from `GET /v1/clients/{client_id}/payment-methods`"),
    ),
    responses(
        (status = 200, body = ResponseBody, description = "The payment method was removed"),
        OrganizationSessionErrors,
        (status = 409, body = ErrorBody, description = "`PAYMENT_METHOD_IN_USE`: the subscription is paid with it; \
            make another payment method the default first"),
        ThrottleErrors,
        BillingErrors,
    )
)]
pub(crate) async fn remove_payment_method(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    SessionCaller(caller): SessionCaller,
    Ids(organization, method): Ids<OrganizationId, StripeId>,
) -> http::Result<Json<ResponseBody>> {
    remove::remove_payment_method(&ctx, &stripe, &caller, &organization, &method).await?;
    Ok(Json(ResponseBody { deleted: true }))
}
