//! Making an organization a customer at Stripe.

use super::account::{Account, CustomerOf};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::Condition;
use crate::error::{Error, Result};
use crate::organizations::authorize::Authorized;
use crate::stripe::{Stripe, StripeId};
use crate::values::EmailAddress;

/// An organization's customer at Stripe, made where there is none. Two at once make one: Stripe is asked with
/// the same key. [`Error::Conflict`] where somebody else has changed the account meanwhile.
///
/// Stripe is told no name and no address, unless whoever pays wants the address for invoices.
pub(super) async fn ensure(
    ctx: &Context,
    stripe: &Stripe,
    authorized: &Authorized,
    account: Account,
    email: Option<&EmailAddress>,
) -> Result<(Account, StripeId)> {
    if let Some(customer) = account.customer.clone() {
        return Ok((account, customer));
    }
    let organization = account.client_id.clone();
    // The address is part of the key: with another, Stripe would refuse the key.
    let address = email.map_or_else(String::new, |email| format!("-{}", digest(email)));
    let key = format!("customer-{organization}-{}{address}", account.customers_before);
    let made = stripe.create_customer(ctx, &key, &organization, email).await?;
    let customer = id(&made.id)?;
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    authorized.organization.require_exists(&mut tx)?;
    let known = CustomerOf { id: customer.clone(), client_id: organization };
    tx.put(&known, Condition::Absent, Error::Conflict)?;
    let account = Account { customer: Some(customer.clone()), ..account }.store(&mut tx)?;
    tx.commit(Log::Nothing("nothing was bought yet")).await?;
    Ok((account, customer))
}

fn digest(email: &EmailAddress) -> String {
    use sha2::Digest;
    data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(email.as_str())[..8])
}

/// An id that Stripe answered.
pub(super) fn id(text: &str) -> Result<StripeId> {
    StripeId::parse(text).ok_or_else(|| Error::internal("an id of Stripe's that isn't one"))
}
