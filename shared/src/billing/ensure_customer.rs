//! Creates the Stripe customer of an organization on its first billing call.

use super::stripe_account::{StripeAccount, StripeCustomer};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition};
use crate::error::{Error, Result};
use crate::organizations::authorize::Authorized;
use crate::stripe::{Stripe, StripeId};
use crate::values::EmailAddress;

/// Returns the organization's customer at Stripe and creates it if there is none. Concurrent calls create one, because
/// they use the same idempotency key.
///
/// Stripe gets no name, and an email address only if the caller wants invoices sent there.
///
/// # Errors
/// `Conflict` if the account has changed since it was read; `BillingNotConfigured`, `Unavailable` or `Internal` if
/// Stripe fails.
pub(super) async fn ensure_customer(
    ctx: &Context,
    stripe: &Stripe,
    authorized: &Authorized,
    account: StripeAccount,
    email: Option<&EmailAddress>,
) -> Attempt<(StripeAccount, StripeId)> {
    if let Some(customer) = account.customer.clone() {
        return Ok((account, customer));
    }
    let organization = account.client_id.clone();
    // Stripe refuses a key that is used with other parameters, so the address is part of it.
    let address = email.map_or_else(String::new, |email| format!("-{}", digest(email)));
    let key = format!("customer-{organization}-{}{address}", account.customers_before);
    let created = stripe.create_customer(ctx, &key, &organization, email).await?;
    let customer = parse_id(&created.id)?;
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    authorized.organization.require_exists(&mut tx)?;
    let mapping = StripeCustomer { id: customer.clone(), client_id: organization };
    tx.put(&mapping, Condition::Absent, AttemptError::Conflict)?;
    let account = StripeAccount { customer: Some(customer.clone()), ..account }.store(&mut tx)?;
    tx.commit(Log::Nothing("nothing was bought yet")).await?;
    Ok((account, customer))
}

fn digest(email: &EmailAddress) -> String {
    use sha2::Digest;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(email.as_str())[..8])
}

/// Parses an id in a response of Stripe.
pub(super) fn parse_id(text: &str) -> Result<StripeId> {
    StripeId::parse(text).ok_or_else(|| Error::internal("Stripe returned a malformed id"))
}
