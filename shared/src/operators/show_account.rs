//! Reads what an operator may see of an account. Secrets and hashes are left out.

use serde::Serialize;

use crate::accounts::two_factor::reset::PendingTwoFactorReset;
use crate::accounts::{User, UserView};
use crate::activity::USER_EVENT_TTL;
use crate::activity::user_log::{UserEvent, list_recent_user_events};
use crate::billing::Plan;
use crate::billing::ledger::Balance;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::{Range, SortKeyCondition};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::mail::{WaitingMail, list_waiting_mails};
use crate::organizations::{ListedOrganization, Organization, Role};
use crate::sessions::Session;
use crate::suspension::Suspension;

/// Maximum number of shown events, sessions and organizations, of each.
const MAX_SHOWN: usize = 50;

/// An account as an operator sees it.
#[derive(Debug, Serialize)]
pub struct AccountDetails {
    /// The account as its owner sees it.
    pub user: UserView,
    /// The suspension; null if the account is not suspended.
    pub suspension: Option<Suspension>,
    /// When the account will be erased; null if it will not.
    pub deletion_scheduled_at: Option<Timestamp>,
    /// The reset of the second factor that waits; null if none does.
    pub two_factor_reset: Option<PendingTwoFactorReset>,
    /// The number of passkeys.
    pub passkeys: usize,
    /// The sessions that are valid, at most 50.
    pub sessions: Vec<ShownSession>,
    /// The organizations, at most 50.
    pub organizations: Vec<ShownOrganization>,
    /// The last events of the account's log, at most 50.
    pub activity: Vec<UserEvent>,
    /// Mails to the account that were not sent yet.
    pub waiting_mails: Vec<WaitingMail>,
}

/// A session of an account.
#[derive(Debug, Serialize)]
pub struct ShownSession {
    /// Id of the session, which signs nobody in.
    pub id: String,
    /// The methods of the sign-in.
    pub methods: Vec<&'static str>,
    /// The address that signed in.
    pub ip: String,
    /// The program that signed in.
    pub user_agent: String,
    /// The time of the sign-in.
    pub created_at: Timestamp,
    /// The last use, to the hour.
    pub last_seen_at: Timestamp,
}

/// An organization of an account.
#[derive(Debug, Serialize)]
pub struct ShownOrganization {
    /// The organization's id.
    pub id: String,
    /// The organization's name.
    pub name: String,
    /// The account's role in it.
    pub role: Role,
    /// The organization's plan.
    pub plan: Plan,
    /// The credits that can be spent.
    pub credits: Credits,
    /// Whether it is suspended.
    pub is_suspended: bool,
    /// When it was deleted; null if it was not.
    pub deleted_at: Option<Timestamp>,
}

/// Reads an account for an operator.
///
/// # Errors
/// `NotFound` if there is no such account, `Unavailable` if the table cannot be read.
pub async fn show_account(ctx: &Context, id: &UserId) -> Result<AccountDetails> {
    let user: User = ctx.table.get(&keys::user(id)).await?.ok_or(Error::NotFound)?;
    let since = ctx.now().minus(USER_EVENT_TTL);
    let limit = u16::try_from(MAX_SHOWN).unwrap_or(u16::MAX);
    let (sessions, organizations, activity, waiting_mails) = tokio::try_join!(
        read_sessions(ctx, &user),
        read_organizations(ctx, id),
        list_recent_user_events(ctx, id, since, limit),
        list_waiting_mails(ctx, &user.email),
    )?;
    Ok(AccountDetails {
        suspension: user.suspension.clone(),
        deletion_scheduled_at: user.deletion.as_ref().map(|deletion| deletion.due_at),
        two_factor_reset: user.two_factor_reset.clone(),
        passkeys: user.passkeys.len(),
        user: UserView::from(&user),
        sessions,
        organizations,
        activity,
        waiting_mails,
    })
}

async fn read_sessions(ctx: &Context, user: &User) -> Result<Vec<ShownSession>> {
    let pk = &keys::user(&user.id).pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::SESSIONS) };
    let stored = ctx.table.query_first::<Session>(&range, MAX_SHOWN).await?.items;
    let active = stored.into_iter().filter(|session| session.is_active(user, ctx.now()));
    Ok(active
        .map(|session| ShownSession {
            id: session.id.to_string(),
            methods: session.methods.iter().map(|method| method.name()).collect(),
            ip: session.ip.to_string(),
            user_agent: session.user_agent,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
        })
        .collect())
}

async fn read_organizations(ctx: &Context, id: &UserId) -> Result<Vec<ShownOrganization>> {
    let pk = &keys::user(id).pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::LISTED_ORGANIZATIONS) };
    let listed = ctx.table.query_first::<ListedOrganization>(&range, MAX_SHOWN).await?.items;
    let ids = || listed.iter().map(|listed| &listed.client_id);
    let wanted: Vec<_> = ids().map(keys::organization).chain(ids().map(keys::balance)).collect();
    let mut found = ctx.table.batch_get_any(&wanted).await?;
    let mut organizations = Vec::with_capacity(listed.len());
    for entry in &listed {
        let key = keys::organization(&entry.client_id);
        let Some(organization) = found.take::<Organization>(&key)? else { continue };
        let balance: Option<Balance> = found.take(&keys::balance(&entry.client_id))?;
        organizations.push(ShownOrganization {
            id: organization.id.to_string(),
            name: organization.name.to_string(),
            role: entry.role,
            plan: organization.plan,
            credits: balance.as_ref().map(Balance::total).unwrap_or_default(),
            is_suspended: organization.suspension.is_some(),
            deleted_at: organization.deleted_at,
        });
    }
    Ok(organizations)
}
