//! The quota of an organization, from its plan or an agreement, and the period in which usage is counted.

use super::Plan;
use super::billing_state::BillingState;
use super::stripe_account::StripeAccount;
use crate::clock::Timestamp;
use crate::credits::Credits;
use crate::ids::OrganizationId;
use crate::organizations::Organization;

/// Returns the size of the current quota, without reading the ledger.
pub(super) fn current_quota(organization: &Organization, account: &StripeAccount) -> Credits {
    if let Some(quota) = account.quota.as_ref().filter(|quota| quota.period.is_some()) {
        return quota.credits;
    }
    if let Some(agreed) = organization.agreed_credits(organization.plan) {
        return Credits::whole(agreed);
    }
    let live = account.subscription.as_ref().filter(|subscription| subscription.status.has_plan());
    let plan = organization.plan;
    Credits::whole(match (live, plan) {
        (Some(live), _) => live.quota,
        // The free credits are granted once, to the default organization of an account.
        (None, Plan::Free) if !organization.is_default || account.quota.is_some() => 0,
        (None, _) => plan.limits().credits,
    })
}

/// Returns the size of the quota that was granted last. The free plan has none without a grant. An agreed quota counts
/// while no period is paid, also beside the free credits of an account.
pub(super) fn granted_quota(organization: &Organization, state: &BillingState) -> Credits {
    let is_agreed = organization.agreed_credits(organization.plan).is_some();
    match &state.balance.granted {
        Some(granted) if granted.period.is_some() || !is_agreed => granted.credits,
        Some(_) => current_quota(organization, &state.account),
        None if organization.plan == Plan::Free => Credits::default(),
        None => current_quota(organization, &state.account),
    }
}

/// A period in which usage is counted: that of the quota, or the calendar month (UTC) of a quota without a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsagePeriod {
    /// The organization that has the quota.
    pub organization_id: OrganizationId,
    /// First second of the period.
    pub start: Timestamp,
    /// The end, when the next period starts.
    pub end: Timestamp,
    /// The name in the key of the count: the start in epoch seconds, or the month as `yyyymm`.
    pub name: String,
}

impl UsagePeriod {
    /// Returns the period of an organization at the time `now`. A quota whose period has ended is in force until the
    /// next one is paid.
    pub fn current(account: &StripeAccount, now: Timestamp) -> Self {
        let organization_id = account.client_id.clone();
        match account.quota.as_ref().and_then(|quota| quota.period.as_ref()) {
            Some(period) => {
                let (start, end, name) = (period.start, period.end, period.start.to_string());
                Self { organization_id, start, end, name }
            }
            None => {
                let (start, end) = now.month_bounds();
                Self { organization_id, start, end, name: now.month() }
            }
        }
    }
}
