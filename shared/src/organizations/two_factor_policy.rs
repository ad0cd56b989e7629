//! The policy of an organization that its members use two-factor authentication.

use super::authorize::{Authorized, authorize_with_recent_proof};
use super::rights::Right;
use super::user_lookup::load_users;
use super::{Member, Organization, OrganizationView};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent, Log};
use crate::context::Context;
use crate::credentials::{Caller, Principal};
use crate::dynamo::{Attempt, Range, SortKeyCondition, retry_conflicts};
use crate::error::{AffectedMember, Error, Result};
use crate::ids::OrganizationId;
use crate::keys;
use crate::values::Name;

/// Maximum number of members that a refusal names.
const MAX_AFFECTED_MEMBERS: usize = 100;

/// A change of the policy.
#[derive(Clone, Debug)]
pub struct PolicyChange {
    /// Whether members need a second factor.
    pub require_two_factor: bool,
    /// Whether the caller knows that members without one lose their access.
    pub confirmed: bool,
    /// The organization's new name, if it is changed too.
    pub name: Option<Name>,
}

impl Organization {
    /// Requires a second factor of a person, if the policy of the organization does. API keys belong to no person.
    ///
    /// # Errors
    ///
    /// * [`Error::TwoFactorRequired`] if the person has none.
    pub(super) fn check_two_factor(&self, principal: &Principal) -> Result<()> {
        let is_allowed = principal.user().is_none_or(|user| self.is_open_to(user));
        if is_allowed { Ok(()) } else { Err(Error::TwoFactorRequired) }
    }

    /// Returns whether the policy lets a person in.
    pub(crate) fn is_open_to(&self, user: &User) -> bool {
        !self.require_two_factor || user.second_factor.is_some()
    }
}

/// Changes whether the members of an organization need two-factor authentication, and its name if one is given.
/// From the next request on, members without it have no access until they turn it on.
///
/// # Errors
///
/// * The errors of [`authorize_with_recent_proof`]. The caller needs [`Right::ChangePolicy`].
/// * [`Error::TwoFactorRequired`] if the caller has no second factor.
/// * [`Error::MembersAffected`] if members have none and the change is not confirmed.
pub async fn change_policy(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    change: &PolicyChange,
) -> Result<OrganizationView> {
    retry_conflicts(ctx, || attempt(ctx, caller, id, change)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    change: &PolicyChange,
) -> Attempt<OrganizationView> {
    let right = Right::ChangePolicy;
    let (authorized, _) = authorize_with_recent_proof(ctx, caller, id, right, &[]).await?;
    let before = authorized.organization.clone();
    let name = change.name.clone().unwrap_or_else(|| before.name.clone());
    let require_two_factor = change.require_two_factor;
    if before.require_two_factor == require_two_factor && before.name == name {
        return Ok(authorized.view(ctx).await?);
    }
    let organization = Organization { require_two_factor, name, ..before.clone() };
    organization.check_two_factor(&authorized.principal)?;
    if require_two_factor && !before.require_two_factor && !change.confirmed {
        check_no_one_affected(ctx, id).await?;
    }
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    let organization = organization.store(&mut tx)?;
    let actor = authorized.principal.actor();
    let event =
        |action| AuditEvent::for_organization(ctx, &caller.requester, id, actor.clone(), action);
    let mut log = Vec::new();
    if before.require_two_factor != require_two_factor {
        let changed = event(Action::TwoFactorPolicyChanged);
        let (old, new) = (before.require_two_factor.to_string(), require_two_factor.to_string());
        log.push(changed.with_detail("before", &old).with_detail("after", &new));
    }
    if before.name != organization.name {
        let renamed = event(Action::OrganizationRenamed);
        log.push(
            renamed.with_detail("before", &before.name).with_detail("after", &organization.name),
        );
    }
    tx.commit(Log::Entries(log)).await?;
    Ok(Authorized { organization, ..authorized }.view(ctx).await?)
}

/// Refuses if members have no second factor, and names them. Reads all members, because the policy is rarely
/// turned on.
async fn check_no_one_affected(ctx: &Context, id: &OrganizationId) -> Result<()> {
    let pk = keys::organization(id).pk;
    let range = Range { pk: &pk, sort_keys: SortKeyCondition::Prefix(keys::MEMBERS) };
    let members: Vec<Member> = ctx.table.query_all(&range).await?;
    let users = load_users(ctx, members.iter().map(|member| &member.user_id)).await?;
    let users = members.iter().filter_map(|member| users.get(&member.user_id));
    let affected = users.filter(|user| user.second_factor.is_none());
    let affected: Vec<_> = affected.take(MAX_AFFECTED_MEMBERS).map(AffectedMember::from).collect();
    if affected.is_empty() { Ok(()) } else { Err(Error::MembersAffected(affected)) }
}

impl From<&User> for AffectedMember {
    fn from(user: &User) -> Self {
        Self {
            user_id: user.id.to_string(),
            name: user.name.to_string(),
            email: user.email.to_string(),
        }
    }
}
