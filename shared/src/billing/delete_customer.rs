//! Deletes the Stripe customer of a deleted organization.

use super::stripe_account::StripeAccount;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::Stripe;

/// Expires the open checkout session of an organization and deletes its customer at Stripe, which ends subscriptions at
/// once and removes the cards. Invoices and payments stay at Stripe. Idempotent.
///
/// # Errors
/// `Unavailable` or `Internal` if Stripe or DynamoDB fails.
pub async fn delete_customer(
    ctx: &Context,
    stripe: &Stripe,
    organization_id: &OrganizationId,
) -> Result<()> {
    let account: Option<StripeAccount> =
        ctx.table.get(&keys::stripe_account(organization_id)).await?;
    let Some(StripeAccount { customer: Some(customer), checkout, .. }) = account else {
        return Ok(());
    };
    let deletion = async {
        if let Some(open) = checkout {
            stripe.expire_checkout_session(ctx, open.as_str()).await?;
        }
        stripe.delete_customer(ctx, customer.as_str()).await
    };
    match deletion.await {
        // Without a key the deployment has given up its account at Stripe, so deletion must not depend on it.
        Err(Error::BillingNotConfigured) => {
            tracing::error!(%customer, "a customer remains at Stripe, because there is no key");
            Ok(())
        }
        result => result,
    }
}
