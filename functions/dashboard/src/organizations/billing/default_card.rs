//! `POST /account/organizations/{client_id}/billing/cards/{payment_method_id}/default`: pays invoices with a card from
//! now on.

use axum::Extension;
use axum::extract::State;
use shared::billing::payment_methods::set_default::set_default_payment_method;
use shared::context::Context;
use shared::http::Ids;
use shared::ids::OrganizationId;
use shared::stripe::{Stripe, StripeId};

use super::method_rows::MethodRow;
use super::overview::{BillingContext, show_again};
use crate::forms::Submission;
use crate::pages::{ForPage, OrganizationPage, PageResult, redirects};

/// Makes the payment method the default.
pub(crate) async fn make_default(
    State(ctx): State<Context>,
    Extension(stripe): Extension<Stripe>,
    ForPage(Ids(organization, method)): ForPage<Ids<OrganizationId, StripeId>>,
    submission: Submission,
) -> PageResult {
    let caller = &submission.visitor.caller;
    match set_default_payment_method(&ctx, &stripe, caller, &organization, &method).await {
        Ok(view) => {
            let card = format!("{}#methods", OrganizationPage::Billing.path(&organization));
            let message = format!("{} is the default", MethodRow::new(&view).name);
            Ok(redirects::done(&card, &message))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let context =
                BillingContext { ctx: &ctx, stripe: &stripe, organization: &organization };
            show_again(context, submission, state).await
        }
    }
}
