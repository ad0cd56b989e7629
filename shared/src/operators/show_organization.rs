//! Reads what an operator may see of an organization. Secrets and hashes are left out.

use serde::Serialize;

use crate::activity::organization_log::{OrganizationEvent, list_recent_organization_events};
use crate::billing::billing_state::BillingState;
use crate::billing::stored_subscription::SubscriptionStatus;
use crate::billing::{AgreedQuota, Plan};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Range, SortKeyCondition};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::organizations::{Member, Organization, Role, load_users};
use crate::suspension::Suspension;
use crate::tokens::Token;

/// Maximum number of shown members, API keys and events, of each.
const MAX_SHOWN: usize = 50;

/// An organization as an operator sees it.
#[derive(Debug, Serialize)]
pub struct OrganizationDetails {
    /// The organization's id.
    pub id: String,
    /// The organization's name.
    pub name: String,
    /// The owner's id.
    pub owner_id: String,
    /// Whether it is its owner's default organization.
    pub is_default: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was deleted; null if it was not.
    pub deleted_at: Option<Timestamp>,
    /// The suspension; null if it is not suspended.
    pub suspension: Option<Suspension>,
    /// Plan in force, which sets the limits.
    pub plan: Plan,
    /// The agreed credits per month and their plan; null without an agreement.
    pub agreed_quota: Option<AgreedQuota>,
    /// The number of projects.
    pub projects: u32,
    /// The rest of the quota.
    pub quota_credits: Credits,
    /// The rest of the top-up credits.
    pub topup_credits: Credits,
    /// The customer id at Stripe; null without one.
    pub stripe_customer: Option<String>,
    /// The subscription; null without one.
    pub subscription: Option<ShownSubscription>,
    /// The members, at most 50.
    pub members: Vec<ShownMember>,
    /// The API keys, at most 50.
    pub api_keys: Vec<ShownKey>,
    /// The last events of the log, at most 50.
    pub activity: Vec<OrganizationEvent>,
}

/// A subscription as Stripe last reported it.
#[derive(Debug, Serialize)]
pub struct ShownSubscription {
    /// The plan that is paid for.
    pub plan: Plan,
    /// Status of the subscription at Stripe.
    pub status: SubscriptionStatus,
    /// The end of the current period.
    pub period_end: Timestamp,
    /// Whether it ends with the period.
    pub cancel_at_period_end: bool,
}

/// A member of an organization, as operators see it.
#[derive(Debug, Serialize)]
pub struct ShownMember {
    /// The user's id.
    pub user_id: String,
    /// The user's address; null if the account is erased.
    pub email: Option<String>,
    /// Role of the member in the organization.
    pub role: Role,
}

/// An API key of an organization, without its value.
#[derive(Debug, Serialize)]
pub struct ShownKey {
    /// The number within the organization.
    pub id: u32,
    /// Name that the key's creator chose.
    pub name: String,
    /// The last characters of its value.
    pub masked: String,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
    /// Time after which the key is refused; `None` if it has no end.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked on its own.
    pub revoked_at: Option<Timestamp>,
}

/// Reads an organization for an operator, also a deleted one.
///
/// # Errors
/// `NotFound` if there is no such organization, `Unavailable` if the table cannot be read.
pub async fn show_organization(ctx: &Context, id: &OrganizationId) -> Result<OrganizationDetails> {
    let key = keys::organization(id);
    let organization: Organization = ctx.table.get(&key).await?.ok_or(Error::NotFound)?;
    let (state, members, api_keys, activity) = tokio::try_join!(
        BillingState::read(ctx, id),
        read_members(ctx, id),
        read_keys(ctx, id),
        list_recent_organization_events(ctx, &organization, MAX_SHOWN),
    )?;
    let subscription = state.account.subscription.map(|subscription| ShownSubscription {
        plan: subscription.plan,
        status: subscription.status,
        period_end: subscription.period_end,
        cancel_at_period_end: subscription.cancel_at_period_end,
    });
    Ok(OrganizationDetails {
        id: organization.id.to_string(),
        name: organization.name.to_string(),
        owner_id: organization.owner_id.to_string(),
        is_default: organization.is_default,
        created_at: organization.created_at,
        deleted_at: organization.deleted_at,
        suspension: organization.suspension,
        plan: organization.plan,
        agreed_quota: organization.agreed_quota,
        projects: organization.projects,
        quota_credits: state.balance.quota,
        topup_credits: state.balance.topups,
        stripe_customer: state.account.customer.map(|customer| customer.to_string()),
        subscription,
        members,
        api_keys,
        activity,
    })
}

async fn read_members(ctx: &Context, id: &OrganizationId) -> Result<Vec<ShownMember>> {
    let pk = &keys::organization(id).pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::MEMBERS) };
    let members = ctx.table.query_first::<Member>(&range, MAX_SHOWN).await?.items;
    let users = load_users(ctx, members.iter().map(|member| &member.user_id)).await?;
    let shown = members.iter().map(|member| ShownMember {
        user_id: member.user_id.to_string(),
        email: users.get(&member.user_id).map(|user| user.email.to_string()),
        role: member.role,
    });
    Ok(shown.collect())
}

async fn read_keys(ctx: &Context, id: &OrganizationId) -> Result<Vec<ShownKey>> {
    let pk = &keys::organization(id).pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::API_KEYS) };
    let stored = ctx.table.query_first::<Token>(&range, MAX_SHOWN).await?.items;
    let shown = stored.iter().map(|key| ShownKey {
        id: key.number,
        name: key.name.to_string(),
        masked: key.masked(),
        last_used_at: key.last_used_at,
        expires_at: key.expires_at,
        revoked_at: key.revoked_at,
    });
    Ok(shown.collect())
}
