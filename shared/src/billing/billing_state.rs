//! An organization together with its billing items, read at once.

use super::ledger::Balance;
use super::stripe_account::StripeAccount;
use crate::context::Context;
use crate::dynamo::BatchResult;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Organization;

/// An organization with its Stripe account and balance.
#[derive(Clone, Debug)]
pub struct BillingState {
    /// The organization; `None` if it is deleted.
    pub organization: Option<Organization>,
    /// The organization's account at Stripe.
    pub account: StripeAccount,
    /// The balance of its ledger; empty if it has none.
    pub balance: Balance,
}

impl BillingState {
    /// Reads the state, in one round trip.
    ///
    /// # Errors
    /// `Unavailable` if DynamoDB cannot be reached.
    pub async fn read(ctx: &Context, organization_id: &OrganizationId) -> Result<Self> {
        let wanted = [
            keys::organization(organization_id),
            keys::stripe_account(organization_id),
            keys::balance(organization_id),
        ];
        let found = ctx.table.batch_get(&wanted).await?;
        Self::from_found(organization_id, &found)
    }

    /// Takes the state from items that were read with others.
    ///
    /// # Errors
    /// `Internal` if an item cannot be decoded.
    pub fn from_found(organization_id: &OrganizationId, found: &BatchResult) -> Result<Self> {
        let stored: Option<Organization> = found.read(&keys::organization(organization_id))?;
        let account: Option<StripeAccount> = found.read(&keys::stripe_account(organization_id))?;
        let balance = found.read(&keys::balance(organization_id))?;
        Ok(Self {
            organization: stored.filter(Organization::exists),
            account: account.unwrap_or_else(|| StripeAccount::new(organization_id)),
            balance: balance.unwrap_or_else(|| Balance::empty(organization_id)),
        })
    }
}
