//! Creates the Stripe customer of an organization on its first billing call.

use super::stripe_account::{StripeAccount, StripeCustomer};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition};
use crate::error::{Error, Result};
use crate::organizations::authorize::Authorized;
use crate::stripe::customers::NewCustomer;
use crate::stripe::{Stripe, StripeId};
use crate::values::EmailAddress;

/// Returns the organization's customer at Stripe and creates it if there is none. Concurrent calls create one, because
/// they use the same idempotency key.
///
/// Stripe gets the organization's name, and an address for invoices: `email`, or the owner's.
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
    let owner = authorized.principal.user().map(|owner| &owner.email);
    let name = &authorized.organization.name;
    let new = NewCustomer { organization_id: &organization, name, email: email.or(owner) };
    // Stripe refuses a key that is used with other parameters, so these are part of it.
    let key = format!("customer-{organization}-{}-{}", account.customers_before, digest(&new));
    let created = stripe.create_customer(ctx, &key, new).await?;
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

fn digest(new: &NewCustomer<'_>) -> String {
    use sha2::Digest;
    let email = new.email.map_or("", EmailAddress::as_str);
    let hash = sha2::Sha256::digest(format!("{}\n{email}", new.name));
    data_encoding::HEXLOWER.encode(&hash[..8])
}

/// Parses an id in a response of Stripe.
pub(super) fn parse_id(text: &str) -> Result<StripeId> {
    StripeId::parse(text).ok_or_else(|| Error::internal("Stripe returned a malformed id"))
}
