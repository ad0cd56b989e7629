//! Members of an organization and their roles. A membership has two rows, one for authorization and
//! one for the user's list, which always change in one transaction.

pub mod change_role;
pub mod leave;
pub mod list;
pub mod remove;
pub mod transfer;
mod view;

pub use view::{MemberStatus, MemberView};

use super::authorize::Authorized;
use super::{Member, Organization, Role};
use crate::dynamo::{AttemptError, BatchResult, Condition, Record, Tx, Update};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;

/// Returns a member that was read beforehand, or [`Error::NotFound`] if the user is not a member.
fn member(found: &BatchResult, organization_id: &OrganizationId, user: &UserId) -> Result<Member> {
    found.read(&keys::member(organization_id, user))?.ok_or(Error::NotFound)
}

/// Refuses to change the owner's membership: [`Error::OwnsOrganizations`] for the owner, who learns
/// what to do first, and [`Error::NoAccess`] for others.
fn check_not_owner(authorized: &Authorized, member: &Member) -> Result<()> {
    match member.role {
        Role::Admin | Role::Member | Role::Viewer => Ok(()),
        Role::Owner if is_caller(authorized, &member.user_id) => {
            Err(owns_organization(&authorized.organization))
        }
        Role::Owner => Err(Error::NoAccess),
    }
}

fn owns_organization(organization: &Organization) -> Error {
    Error::OwnsOrganizations(vec![(organization.id.to_string(), organization.name.to_string())])
}

fn is_caller(authorized: &Authorized, user: &UserId) -> bool {
    authorized.principal.user().is_some_and(|caller| caller.id == *user)
}

/// Adds the caller's authorization checks to a transaction that changes `member`. If the caller is
/// that member, the change itself has the condition: a transaction may touch an item only once.
fn recheck_beside(authorized: &Authorized, tx: &mut Tx<'_>, member: &UserId) -> Result<()> {
    if is_caller(authorized, member) { Ok(()) } else { authorized.recheck(tx) }
}

/// Changes a member's role in `tx`, on condition that the role is as it was read. `before` and
/// `after` are the organization around this transaction: a default organization has another
/// position in its owner's list.
fn put_role(
    tx: &mut Tx<'_>,
    member: &Member,
    role: Role,
    before: &Organization,
    after: &Organization,
) -> Result<()> {
    let changed = Member { role, ..member.clone() };
    let unchanged = Condition::equal("role", member.role)?;
    tx.put(&changed, unchanged, AttemptError::Conflict)?;
    let from = member.listing_key(before);
    let listed = changed.to_listing(changed.list_position(after));
    if listed.key() == from {
        let update = Update::new(from).set("role", role)?;
        return tx.update(update.only_if(Condition::Exists), AttemptError::Conflict);
    }
    tx.delete(&from, Some(Condition::Exists), AttemptError::Conflict)?;
    tx.put(&listed, Condition::Absent, AttemptError::Conflict)
}
