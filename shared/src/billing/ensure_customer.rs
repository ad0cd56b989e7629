//! Creates the Stripe customer of an organization on its first billing call.

use super::stripe_account::{StripeAccount, StripeCustomer};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition};
use crate::error::{Error, Result};
use crate::organizations::authorize::Authorized;
use crate::stripe::customers::CustomerDetails;
use crate::stripe::{Stripe, StripeId};
use crate::values::EmailAddress;

/// Returns the organization's customer at Stripe, and creates it if there is none. Concurrent calls create one, because
/// they use the same idempotency key. An existing customer gets the current name and address, if they have changed.
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
    let owner = authorized.principal.user().map(|owner| &owner.email);
    let current = CustomerDetails { name: &authorized.organization.name, email: owner };
    let customer_details = Some(digest(&current));
    if let Some(customer) = account.customer.clone() {
        if account.customer_details == customer_details {
            return Ok((account, customer));
        }
        let email = owner.filter(|_| !account.has_invoice_address);
        let details = CustomerDetails { email, ..current };
        // A customer that was deleted meanwhile is reported by an event.
        stripe.update_customer(ctx, customer.as_str(), details).await?;
        let mut tx = ctx.table.transaction();
        authorized.organization.require_exists(&mut tx)?;
        let account = StripeAccount { customer_details, ..account }.store(&mut tx)?;
        tx.commit(Log::Nothing("only name and address of the customer")).await?;
        return Ok((account, customer));
    }
    let organization = account.client_id.clone();
    let new = CustomerDetails { email: email.or(owner), ..current };
    // Stripe refuses a key that is used with other parameters, so these are part of it.
    let key = format!("customer-{organization}-{}-{}", account.customers_before, digest(&new));
    let created = stripe.create_customer(ctx, &key, &organization, new).await?;
    let customer = parse_id(&created.id)?;
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    authorized.organization.require_exists(&mut tx)?;
    let mapping = StripeCustomer { id: customer.clone(), client_id: organization };
    tx.put(&mapping, Condition::Absent, AttemptError::Conflict)?;
    let account = StripeAccount {
        customer: Some(customer.clone()),
        customer_details,
        has_invoice_address: email.is_some(),
        ..account
    };
    let account = account.store(&mut tx)?;
    tx.commit(Log::Nothing("nothing was bought yet")).await?;
    Ok((account, customer))
}

fn digest(new: &CustomerDetails<'_>) -> String {
    use sha2::Digest;
    let email = new.email.map_or("", EmailAddress::as_str);
    let hash = sha2::Sha256::digest(format!("{}\n{email}", new.name));
    data_encoding::HEXLOWER.encode(&hash[..8])
}

/// Parses an id in a response of Stripe.
///
/// # Errors
/// `Internal` if the text is no id of Stripe.
pub(super) fn parse_id(text: &str) -> Result<StripeId> {
    StripeId::parse(text).ok_or_else(|| Error::internal("Stripe returned a malformed id"))
}
