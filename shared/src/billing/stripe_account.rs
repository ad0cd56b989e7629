//! An organization's account at Stripe: its customer and its subscription as last reported.

use serde::{Deserialize, Serialize};

use super::ledger::{Balance, BillingPeriod};
use super::stored_subscription::StoredSubscription;
use crate::context::Context;
use crate::credentials::Caller;
use crate::credits::Credits;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::authorize::{Authorized, authorize};
use crate::organizations::rights::Right;
use crate::stripe::StripeId;

/// An organization's account at Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripeAccount {
    /// The organization that the customer pays for.
    pub client_id: OrganizationId,
    /// The customer id, if a customer exists.
    pub customer: Option<StripeId>,
    /// A hash of the name and the owner's address that the customer has at Stripe.
    #[serde(default)]
    pub customer_details: Option<String>,
    /// Whether the subscriber chose an address for invoices, which is kept.
    #[serde(default)]
    pub has_invoice_address: bool,
    /// The number of earlier customers, which were deleted at Stripe.
    #[serde(default)]
    pub customers_before: u32,
    /// The open checkout session of a subscription, if there is one.
    pub checkout: Option<StripeId>,
    /// The subscription that was created last, also after its end.
    pub subscription: Option<StoredSubscription>,
    /// The current quota, as the ledger has it, for functions that cannot read ledgers. `None` until a subscription
    /// grants its first quota.
    #[serde(default)]
    pub quota: Option<CurrentQuota>,
    /// Counts every change. A write that depends on what was read has it in its condition.
    pub version: u64,
}

/// The current quota of a subscription. Written with the ledger entries that change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentQuota {
    /// The number of credits; 0 after the subscription has ended.
    #[serde(rename = "micros", with = "crate::credits::micros")]
    pub credits: Credits,
    /// The period that it is for; `None` after the subscription has ended.
    pub period: Option<BillingPeriod>,
}

impl CurrentQuota {
    /// Takes the quota from a balance after its update.
    pub fn of(balance: &Balance) -> Self {
        Self { credits: balance.quota_granted(), period: balance.period().cloned() }
    }
}

/// Maps a customer id at Stripe to its organization. Never deleted, so that late events find it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StripeCustomer {
    /// The customer id at Stripe.
    pub id: StripeId,
    /// The organization that the customer pays for.
    pub client_id: OrganizationId,
}

impl Record for StripeCustomer {
    fn key(&self) -> Key {
        keys::stripe_object(self.id.as_str())
    }
}

impl StripeAccount {
    /// Creates the account of an organization that has no customer at Stripe.
    pub fn new(organization_id: &OrganizationId) -> Self {
        Self {
            client_id: organization_id.clone(),
            customer: None,
            customer_details: None,
            has_invoice_address: false,
            customers_before: 0,
            checkout: None,
            subscription: None,
            quota: None,
            version: 0,
        }
    }

    /// Returns whether it has a subscription that may still be charged.
    pub fn is_subscribed(&self) -> bool {
        self.subscription.as_ref().is_some_and(|subscription| subscription.status.is_live())
    }

    /// Adds a put of the account to `tx`; the transaction conflicts if the account has changed since it was read.
    ///
    /// # Errors
    /// `Internal` if the item cannot be encoded.
    pub fn store(self, tx: &mut Tx<'_>) -> Result<Self> {
        let unchanged = match self.version {
            0 => Condition::Absent,
            version => Condition::equal("version", version)?,
        };
        let account = Self { version: self.version + 1, ..self };
        tx.put(&account, unchanged, AttemptError::Conflict)?;
        Ok(account)
    }
}

impl Record for StripeAccount {
    fn key(&self) -> Key {
        keys::stripe_account(&self.client_id)
    }
}

/// Returns the organization of a customer at Stripe; `None` if the customer is not ours.
///
/// # Errors
/// `Unavailable` if DynamoDB cannot be reached.
pub async fn find_organization_of_customer(
    ctx: &Context,
    customer: &str,
) -> Result<Option<OrganizationId>> {
    let Some(customer) = StripeId::parse(customer) else { return Ok(None) };
    let known: Option<StripeCustomer> =
        ctx.table.get(&keys::stripe_object(customer.as_str())).await?;
    Ok(known.map(|known| known.client_id))
}

/// Authorizes a caller to manage an organization's billing and reads its Stripe account, in one round trip.
///
/// # Errors
/// `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
pub(super) async fn authorize_billing(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
) -> Result<(Authorized, StripeAccount)> {
    let also = [keys::stripe_account(organization_id)];
    let right = Right::ManageBilling;
    let (authorized, found) = authorize(ctx, caller, organization_id, right, &also).await?;
    let account: Option<StripeAccount> = found.read(&keys::stripe_account(organization_id))?;
    Ok((authorized, account.unwrap_or_else(|| StripeAccount::new(organization_id))))
}
