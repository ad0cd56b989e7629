//! An organization is gone: nobody is to pay for it any more.

use super::account::Account;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::stripe::Stripe;

/// Closes the page on which somebody may be subscribing, and deletes the customer: Stripe ends subscriptions
/// with it at once, and forgets the cards. Invoices and payments stay there. Can be done again without harm.
pub async fn end(ctx: &Context, stripe: &Stripe, organization_id: &OrganizationId) -> Result<()> {
    let account: Option<Account> = ctx.table.get(&keys::billing(organization_id)).await?;
    let Some(Account { customer: Some(customer), checkout, .. }) = account else { return Ok(()) };
    let ended = async {
        if let Some(open) = checkout {
            stripe.expire(ctx, open.as_str()).await?;
        }
        stripe.delete_customer(ctx, customer.as_str()).await
    };
    match ended.await {
        // Whoever took the key away has said that Stripe is none of our business.
        Err(Error::BillingNotConfigured) => {
            tracing::error!(%customer, "a customer stays at Stripe, to which there is no key");
            Ok(())
        }
        result => result,
    }
}
