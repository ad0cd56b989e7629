//! Whether a caller may do something in an organization.

use super::rights::Right;
use super::{Member, Organization, Role};
use crate::context::Context;
use crate::credentials::{Caller, Credential, identify};
use crate::dynamo::{BatchResult, Condition, Key, Record, Tx};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::requester::Requester;
use crate::sessions::Authenticated;
use crate::tokens::Token;
use crate::values::TokenHolder;

/// A caller who may do what was asked for, in the organization as it was read.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// Who.
    pub caller: Caller,
    /// Where.
    pub organization: Organization,
    /// As what. A key of the organization counts as a member.
    pub role: Role,
}

/// Admits the caller to an organization, to do that; reads the rows `also` on the way. One read, and at
/// most once an hour a write that notes the credential's use.
///
/// [`Error::InvalidSession`], [`Error::InvalidToken`] and [`Error::PendingDeletion`] of a credential
/// that doesn't count; [`Error::NotFound`] of an organization that doesn't exist (any more);
/// [`Error::NoAccess`] for whoever doesn't belong to it, or may not do that.
pub async fn admit(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    organization_id: &OrganizationId,
    right: Right,
    also: &[Key],
) -> Result<(Admitted, BatchResult)> {
    let client_key = keys::organization(organization_id);
    let member_key = credential.user().map(|user| keys::member(organization_id, user));
    let wanted: Vec<_> =
        [&client_key].into_iter().chain(&member_key).chain(also).cloned().collect();
    let (caller, found) = identify(ctx, requester, credential, &wanted).await?;
    let stored: Option<Organization> = found.read(&client_key)?;
    let stored = stored.filter(Organization::exists).ok_or(Error::NotFound)?;
    let member: Option<Member> = match &member_key {
        Some(key) => found.read(key)?,
        None => None,
    };
    let role = role(&caller, organization_id, member.as_ref()).ok_or(Error::NoAccess)?;
    if !role.may(right) {
        return Err(Error::NoAccess);
    }
    Ok((Admitted { caller, organization: stored, role }, found))
}

/// The same for a key of the organization alone.
pub async fn admit_key(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    organization_id: &OrganizationId,
    also: &[Key],
) -> Result<(Admitted, BatchResult)> {
    let (admitted, found) =
        admit(ctx, requester, credential, organization_id, Right::Work, also).await?;
    match admitted.caller {
        Caller::Key(..) => Ok((admitted, found)),
        Caller::Session(_) | Caller::Token(..) => Err(Error::NoAccess),
    }
}

fn role(
    caller: &Caller,
    organization_id: &OrganizationId,
    member: Option<&Member>,
) -> Option<Role> {
    match caller {
        Caller::Session(_) => member.map(|member| member.role),
        Caller::Token(_, token) => {
            let here = token.client_id.as_ref().is_none_or(|confined| confined == organization_id);
            member.filter(|_| here).map(|member| member.role)
        }
        Caller::Key(_, Token { holder: TokenHolder::Organization(holder), .. })
            if holder == organization_id =>
        {
            Some(Role::Member)
        }
        Caller::Key(..) => None,
    }
}

impl Admitted {
    /// Adds to a change that whoever makes it still is what they were when that was decided:
    /// [`Error::Conflict`] otherwise, upon which the decision is made again.
    pub fn hold(&self, tx: &mut Tx<'_>) -> Result<()> {
        match &self.caller {
            Caller::Session(Authenticated { session, user }) => {
                // Signed out, or ended with all others.
                tx.check(&session.key(), &Condition::Exists, Error::Conflict)?;
                let same = Condition::equal("session_generation", user.session_generation)?;
                tx.check(&user.key(), &same, Error::Conflict)?;
                self.hold_role(tx, &user.id)
            }
            Caller::Token(user, token) => {
                hold_token(tx, token)?;
                self.hold_role(tx, &user.id)
            }
            Caller::Key(_, key) => hold_token(tx, key),
        }
    }

    fn hold_role(&self, tx: &mut Tx<'_>, user: &UserId) -> Result<()> {
        let same = Condition::equal("role", self.role)?;
        tx.check(&keys::member(&self.organization.id, user), &same, Error::Conflict)
    }
}

fn hold_token(tx: &mut Tx<'_>, token: &Token) -> Result<()> {
    tx.check(&token.key(), &Token::is_alive(), Error::Conflict)
}
