//! What an organization is at Stripe: its customer, and its subscription as it was when we last asked.

use serde::{Deserialize, Serialize};

use super::Plan;
use super::ledger::{Balance, Period};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{BatchResult, Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Organization;
use crate::organizations::authorize::{Authorized, authorize};
use crate::organizations::rights::Right;
use crate::stripe::StripeId;

/// An organization at Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Which.
    pub client_id: OrganizationId,
    /// Who it is there.
    pub customer: Option<StripeId>,
    /// How many customers it was before, which were deleted there.
    #[serde(default)]
    pub customers_before: u32,
    /// The page on which somebody may be subscribing.
    pub checkout: Option<StripeId>,
    /// What it subscribed to last.
    pub subscription: Option<Subscription>,
    /// Counts every change: whoever decides on what was read makes this part of the condition.
    pub version: u64,
}

/// A subscription as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its id.
    pub id: StripeId,
    /// The plan that is paid for.
    pub plan: Plan,
    /// Its status.
    pub status: Status,
    /// Credits a month.
    pub quota: u32,
    /// When the period that it is in began.
    pub period_start: Timestamp,
    /// When that ends.
    pub period_end: Timestamp,
    /// Whether it ends with it.
    pub cancel_at_period_end: bool,
    /// When Stripe was last asked whether a new period has begun.
    #[serde(default)]
    pub asked_at: Option<Timestamp>,
}

/// The status of a subscription, in Stripe's words.
/// <https://docs.stripe.com/api/subscriptions/object#subscription_object-status>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The first payment isn't there yet.
    Incomplete,
    /// It never came.
    IncompleteExpired,
    /// Nothing is to be paid for a while.
    Trialing,
    /// Paid.
    Active,
    /// A payment didn't succeed, and is tried again.
    PastDue,
    /// It never did.
    Unpaid,
    /// Over.
    Canceled,
    /// Nothing is asked for at present.
    Paused,
}

impl Status {
    const ALL: [Self; 8] = [
        Self::Incomplete,
        Self::IncompleteExpired,
        Self::Trialing,
        Self::Active,
        Self::PastDue,
        Self::Unpaid,
        Self::Canceled,
        Self::Paused,
    ];

    /// Reads Stripe's word. [`Error::Internal`] of one that it hasn't had so far.
    pub fn parse(word: &str) -> Result<Self> {
        let status = Self::ALL.into_iter().find(|status| status.as_str() == word);
        status.ok_or_else(|| Error::internal("a subscription has a status that isn't known"))
    }

    /// As it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Canceled => "canceled",
            Self::Paused => "paused",
        }
    }

    /// Whether the plan counts. While a payment is tried again it does.
    pub const fn has_plan(self) -> bool {
        match self {
            Self::Trialing | Self::Active | Self::PastDue => true,
            Self::Incomplete
            | Self::IncompleteExpired
            | Self::Unpaid
            | Self::Canceled
            | Self::Paused => false,
        }
    }

    /// Whether a new period brings a quota.
    pub const fn has_quota(self) -> bool {
        match self {
            Self::Trialing | Self::Active => true,
            Self::PastDue
            | Self::Incomplete
            | Self::IncompleteExpired
            | Self::Unpaid
            | Self::Canceled
            | Self::Paused => false,
        }
    }

    /// Whether it may cost anything again.
    pub const fn is_live(self) -> bool {
        match self {
            Self::Trialing | Self::Active | Self::PastDue | Self::Unpaid | Self::Paused => true,
            Self::Incomplete | Self::IncompleteExpired | Self::Canceled => false,
        }
    }
}

impl Subscription {
    /// The plan that it makes the organization's.
    pub fn effective_plan(&self) -> Plan {
        if self.status.has_plan() { self.plan } else { Plan::Free }
    }

    /// The period that it is in.
    pub fn period(&self) -> Period {
        let (subscription, start, end) = (self.id.clone(), self.period_start, self.period_end);
        Period { subscription, start, end }
    }
}

/// Whose customer, payment and so on something at Stripe is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CustomerOf {
    /// Its id at Stripe.
    pub id: StripeId,
    /// Whose.
    pub client_id: OrganizationId,
}

impl Record for CustomerOf {
    fn key(&self) -> Key {
        keys::stripe(self.id.as_str())
    }
}

impl Account {
    /// Of an organization that Stripe doesn't know.
    pub fn unknown(organization_id: &OrganizationId) -> Self {
        Self {
            client_id: organization_id.clone(),
            customer: None,
            customers_before: 0,
            checkout: None,
            subscription: None,
            version: 0,
        }
    }

    /// Whether it has a subscription that may cost anything again.
    pub fn is_subscribed(&self) -> bool {
        self.subscription.as_ref().is_some_and(|subscription| subscription.status.is_live())
    }

    /// Adds to a change that this is what is known from now on; [`Error::Conflict`] where that has changed
    /// since it was read.
    pub fn store(self, tx: &mut Tx<'_>) -> Result<Self> {
        let unchanged = match self.version {
            0 => Condition::Absent,
            version => Condition::equal("version", version)?,
        };
        let account = Self { version: self.version + 1, ..self };
        tx.put(&account, unchanged, Error::Conflict)?;
        Ok(account)
    }
}

impl Record for Account {
    fn key(&self) -> Key {
        keys::billing(&self.client_id)
    }
}

/// Whose customer that is; `None` of one that isn't ours.
pub async fn client_of(ctx: &Context, customer: &str) -> Result<Option<OrganizationId>> {
    let Some(customer) = StripeId::parse(customer) else { return Ok(None) };
    let known: Option<CustomerOf> = ctx.table.get(&keys::stripe(customer.as_str())).await?;
    Ok(known.map(|known| known.client_id))
}

/// Authorizes the caller to manage an organization's billing, and reads its billing account in the same round
/// trip.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - The errors of authentication.
pub(super) async fn authorize_billing(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
) -> Result<(Authorized, Account)> {
    let also = [keys::billing(organization_id)];
    let right = Right::ManageBilling;
    let (authorized, found) = authorize(ctx, caller, organization_id, right, &also).await?;
    let account: Option<Account> = found.read(&keys::billing(organization_id))?;
    Ok((authorized, account.unwrap_or_else(|| Account::unknown(organization_id))))
}

/// An organization with what is known of its money, read together.
#[derive(Clone, Debug)]
pub struct Books {
    /// The organization; `None` of one that is gone.
    pub organization: Option<Organization>,
    /// What it is at Stripe.
    pub account: Account,
    /// What it has.
    pub balance: Balance,
}

impl Books {
    /// Reads them: one round trip.
    pub async fn read(ctx: &Context, organization_id: &OrganizationId) -> Result<Self> {
        let wanted = [
            keys::organization(organization_id),
            keys::billing(organization_id),
            keys::balance(organization_id),
        ];
        let found = ctx.table.batch_get(&wanted).await?;
        Self::of(organization_id, &found)
    }

    /// What was found of them.
    pub fn of(organization_id: &OrganizationId, found: &BatchResult) -> Result<Self> {
        let stored: Option<Organization> = found.read(&keys::organization(organization_id))?;
        let account: Option<Account> = found.read(&keys::billing(organization_id))?;
        let balance = found.read(&keys::balance(organization_id))?;
        Ok(Self {
            organization: stored.filter(Organization::exists),
            account: account.unwrap_or_else(|| Account::unknown(organization_id)),
            balance: balance.unwrap_or_else(|| Balance::empty(organization_id)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_counts_while_a_payment_is_tried_again_and_brings_a_quota_only_when_it_is_paid() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()).unwrap(), status);
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(json, format!("\"{}\"", status.as_str()));
            assert!(!status.has_quota() || status.has_plan());
            assert!(!status.has_plan() || status.is_live());
        }
        assert!(Status::PastDue.has_plan() && !Status::PastDue.has_quota());
        assert!(!Status::Unpaid.has_plan() && Status::Unpaid.is_live());
        assert!(Status::parse("new").is_err());
    }
}
