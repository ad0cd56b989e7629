//! Authorization: decides whether a caller may do something in an organization.

use super::rights::Right;
use super::{Member, Organization, Role};
use crate::context::Context;
use crate::credentials::{Caller, Principal, authenticate};
use crate::dynamo::{AttemptError, BatchResult, Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::sessions::AuthenticatedSession;
use crate::tokens::Token;
use crate::values::TokenHolder;

/// An authorized caller, together with the organization as it was read.
#[derive(Clone, Debug)]
pub struct Authorized {
    /// The user, token or key that sent the request.
    pub principal: Principal,
    /// The organization that the caller acts in.
    pub organization: Organization,
    /// The caller's role. An organization's API key counts as a member.
    pub role: Role,
}

/// Authorizes the caller for a right in an organization. Also reads the rows of the keys in `extra_keys`
/// and returns them.
///
/// Costs one read, and at most once an hour a write that records the credential's last use.
///
/// # Errors
///
/// * [`Error::InvalidSession`] or [`Error::InvalidToken`] if the credential is not valid.
/// * [`Error::PendingDeletion`] if the user's account is scheduled for deletion.
/// * [`Error::NotFound`] if the organization does not exist or is deleted.
/// * [`Error::NoAccess`] if the caller is not a member or their role lacks the right.
/// * [`Error::AccountSuspended`] or [`Error::OrganizationSuspended`] if an operator has suspended one of them. A
///   member can still leave a suspended organization.
/// * [`Error::TwoFactorRequired`] if the organization requires a second factor and the user has none.
pub async fn authorize(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    right: Right,
    extra_keys: &[Key],
) -> Result<(Authorized, BatchResult)> {
    let Loaded { principal, organization, role, found } =
        load(ctx, caller, organization_id, extra_keys).await?;
    let organization = organization.filter(Organization::exists).ok_or(Error::NotFound)?;
    let role = role.ok_or(Error::NoAccess)?;
    if !role.has_right(right) {
        return Err(Error::NoAccess);
    }
    // A member who does not want a second factor can still leave.
    if right != Right::Leave {
        organization.require_not_suspended()?;
        organization.check_two_factor(&principal)?;
    }
    Ok((Authorized { principal, organization, role }, found))
}

/// The rows that authorization decides on.
struct Loaded {
    principal: Principal,
    /// The organization, which may be deleted.
    organization: Option<Organization>,
    /// The caller's role, if they have one.
    role: Option<Role>,
    found: BatchResult,
}

async fn load(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    extra_keys: &[Key],
) -> Result<Loaded> {
    let client_key = keys::organization(organization_id);
    let member_key = caller.credential.user().map(|user| keys::member(organization_id, user));
    let wanted: Vec<_> =
        [&client_key].into_iter().chain(&member_key).chain(extra_keys).cloned().collect();
    let (principal, found) = authenticate(ctx, caller, &wanted).await?;
    let organization: Option<Organization> = found.read(&client_key)?;
    let member: Option<Member> = match &member_key {
        Some(key) => found.read(key)?,
        None => None,
    };
    let role = role(&principal, organization_id, member.as_ref());
    Ok(Loaded { principal, organization, role, found })
}

/// Authorizes the owner for restoring an organization, which may be deleted. For everybody else a deleted
/// organization does not exist. Also reads the rows of the keys in `extra_keys` and returns them.
///
/// # Errors
///
/// * The credential errors of [`authorize`].
/// * [`Error::NotFound`] if the organization does not exist, or it is deleted and the caller does not own it or
///   it can no longer be restored.
/// * [`Error::NoAccess`] if the caller does not own the organization.
/// * [`Error::OrganizationSuspended`] if an operator has suspended it.
/// * [`Error::TwoFactorRequired`] if the organization requires a second factor and the caller has none.
/// * [`Error::SessionRequired`] if the caller has a bearer token.
/// * [`Error::ReauthRequired`] if the session's proof of identity is not recent.
pub async fn authorize_restoration(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    extra_keys: &[Key],
) -> Result<(Authorized, BatchResult)> {
    let Loaded { principal, organization, role, found } =
        load(ctx, caller, organization_id, extra_keys).await?;
    let is_owner = role.is_some_and(|role| role.has_right(Right::Delete));
    let can_see = |organization: &Organization| {
        organization.exists() || is_owner && organization.restorable_until(ctx.now()).is_some()
    };
    let organization = organization.filter(can_see).ok_or(Error::NotFound)?;
    let role = role.filter(|_| is_owner).ok_or(Error::NoAccess)?;
    organization.require_not_suspended()?;
    organization.check_two_factor(&principal)?;
    principal.require_recent_proof(ctx.now())?;
    Ok((Authorized { principal, organization, role }, found))
}

/// Authorizes the caller like [`authorize`], for a change that would give a thief lasting access. Requires a
/// session whose user proved their identity recently, from every role.
///
/// # Errors
///
/// * The errors of [`authorize`].
/// * [`Error::SessionRequired`] if the caller has a bearer token.
/// * [`Error::ReauthRequired`] if the session's proof of identity is not recent.
pub async fn authorize_with_recent_proof(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    right: Right,
    extra_keys: &[Key],
) -> Result<(Authorized, BatchResult)> {
    let (authorized, found) = authorize(ctx, caller, organization_id, right, extra_keys).await?;
    authorized.principal.require_recent_proof(ctx.now())?;
    Ok((authorized, found))
}

/// Authorizes an API key of the organization, and refuses sessions and personal tokens.
///
/// # Errors
///
/// * [`Error::KeyRequired`] for a session or a personal token of a member.
/// * The errors of authorizing any other caller.
pub async fn authorize_key(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    extra_keys: &[Key],
) -> Result<(Authorized, BatchResult)> {
    let (authorized, found) =
        authorize(ctx, caller, organization_id, Right::View, extra_keys).await?;
    match authorized.principal {
        Principal::Key(..) => Ok((authorized, found)),
        Principal::Session(_) | Principal::Token(..) => Err(Error::KeyRequired),
    }
}

fn role(
    principal: &Principal,
    organization_id: &OrganizationId,
    member: Option<&Member>,
) -> Option<Role> {
    match principal {
        Principal::Session(_) => member.map(|member| member.role),
        Principal::Token(_, token) => {
            let here = token.client_id.as_ref().is_none_or(|confined| confined == organization_id);
            member.filter(|_| here).map(|member| member.role)
        }
        Principal::Key(_, Token { holder: TokenHolder::Organization(holder), .. })
            if holder == organization_id =>
        {
            Some(Role::Member)
        }
        Principal::Key(..) => None,
    }
}

impl Authorized {
    /// Adds condition checks to `tx`: the caller's session, token or role is unchanged since it was read.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if one of them changed, so that authorization must be
    ///   repeated.
    pub fn recheck(&self, tx: &mut Tx<'_>) -> Result<()> {
        match &self.principal {
            Principal::Session(AuthenticatedSession { session, user, .. }) => {
                // The session row is missing after a sign-out. The generation changes when all
                // sessions are ended.
                tx.check(&session.key(), &Condition::Exists, AttemptError::Conflict)?;
                let unchanged = Condition::equal("session_generation", user.session_generation)?;
                tx.check(&user.key(), &unchanged, AttemptError::Conflict)?;
                self.recheck_role(tx, &user.id)
            }
            Principal::Token(user, token) => {
                recheck_token(tx, token)?;
                self.recheck_role(tx, &user.id)
            }
            Principal::Key(_, key) => recheck_token(tx, key),
        }
    }

    fn recheck_role(&self, tx: &mut Tx<'_>, user: &UserId) -> Result<()> {
        let unchanged = Condition::equal("role", self.role)?;
        tx.check(&keys::member(&self.organization.id, user), &unchanged, AttemptError::Conflict)
    }
}

fn recheck_token(tx: &mut Tx<'_>, token: &Token) -> Result<()> {
    tx.check(&token.key(), &Token::not_revoked(), AttemptError::Conflict)
}
