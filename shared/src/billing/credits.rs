//! What an organization has to spend.

use serde::Serialize;
use utoipa::ToSchema;

use super::account::Books;
use super::ledger::Balance;
use super::renew::renew_if_due;
use super::{Plan, usage};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::credits::Credits;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::Organization;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;
use crate::stripe::Stripe;

/// What an organization has to spend.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CreditBalance)]
pub struct CreditsView {
    /// Whose: the organization's id.
    #[schema(value_type = String, example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    org_id: OrganizationId,
    /// Its plan.
    plan_name: Plan,
    /// All that can be spent, with up to six places. Below zero where money went back for credits that were
    /// spent.
    #[schema(value_type = f64, example = 5_450.5)]
    balance: Credits,
    /// What comes with the plan, and is spent first.
    quota: QuotaView,
    /// What is left of what was bought. It doesn't end.
    #[schema(value_type = f64, example = 500)]
    topup_balance: Credits,
}

/// What comes with a plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CreditQuota)]
pub struct QuotaView {
    /// As it was granted: for a month, on the free plan once.
    #[schema(value_type = f64, example = 5000)]
    monthly: Credits,
    /// What of it is spent.
    #[schema(value_type = f64, example = 49.5)]
    used: Credits,
    /// What of it is left.
    #[schema(value_type = f64, example = 4_950.5)]
    remaining: Credits,
    /// When the next takes its place, and what is left is gone; null where none comes.
    #[schema(required)]
    resets_at: Option<Timestamp>,
}

impl CreditsView {
    fn of(organization: &Organization, balance: &Balance) -> Self {
        let granted = match &balance.granted {
            Some(quota) => quota.credits,
            None => Credits::whole(usage::monthly_credits(organization)).min(balance.quota),
        };
        Self {
            org_id: organization.id.clone(),
            plan_name: organization.plan,
            balance: balance.total(),
            quota: QuotaView {
                monthly: granted,
                used: granted.minus(balance.quota),
                remaining: balance.quota,
                resets_at: balance.period().map(|period| period.end),
            },
            topup_balance: balance.topups,
        }
    }
}

/// What the organization has: one read, and whoever asks first in a new period that Stripe hasn't told of
/// yet has it asked. [`crate::error::Error::NotFound`], [`crate::error::Error::NoAccess`].
pub async fn credits(
    ctx: &Context,
    stripe: &Stripe,
    caller: &Caller,
    organization_id: &OrganizationId,
) -> Result<CreditsView> {
    let also = [keys::billing(organization_id), keys::balance(organization_id)];
    let right = Right::SeeCredits;
    let (authorized, found) = authorize(ctx, caller, organization_id, right, &also).await?;
    let books = Books::of(organization_id, &found)?;
    // Its plan may have ended with the period.
    let books = renew_if_due(ctx, stripe, &books).await.unwrap_or(books);
    Ok(CreditsView::of(
        books.organization.as_ref().unwrap_or(&authorized.organization),
        &books.balance,
    ))
}
