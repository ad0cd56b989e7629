//! Who belongs to an organization, and as what. Each change is one transaction of both sides of a
//! membership, so that rights and lists never say different things.

pub mod change_role;
pub mod leave;
pub mod list;
pub mod remove;
pub mod transfer;
mod view;

pub use view::{MemberStatus, MemberView};

use super::admit::Admitted;
use super::{Member, Organization, Role};
use crate::dynamo::{BatchResult, Condition, Record, Tx, Update};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;

/// The member among what was found; [`Error::NotFound`] of somebody who is none.
fn member(found: &BatchResult, organization_id: &OrganizationId, user: &UserId) -> Result<Member> {
    found.read(&keys::member(organization_id, user))?.ok_or(Error::NotFound)
}

/// Who owns it stays as they are: [`Error::NoAccess`] for others, and for the owner
/// [`Error::OwnsOrganizations`], which says what to do first.
fn not_the_owner(admitted: &Admitted, member: &Member) -> Result<()> {
    match member.role {
        Role::Admin | Role::Member => Ok(()),
        Role::Owner if is_caller(admitted, &member.user_id) => Err(owns(&admitted.organization)),
        Role::Owner => Err(Error::NoAccess),
    }
}

fn owns(organization: &Organization) -> Error {
    Error::OwnsOrganizations(vec![(organization.id.to_string(), organization.name.to_string())])
}

fn is_caller(admitted: &Admitted, user: &UserId) -> bool {
    admitted.caller.user().is_some_and(|caller| caller.id == *user)
}

/// As [`Admitted::hold`], beside a change of that person's membership. Where that is the caller's own,
/// the change has the condition already, and a transaction takes no item twice.
fn hold_beside(admitted: &Admitted, tx: &mut Tx<'_>, member: &UserId) -> Result<()> {
    if is_caller(admitted, member) { Ok(()) } else { admitted.hold(tx) }
}

/// Adds to a change that the member, whose role must be as it was read, has another. `after` is the
/// organization `before` as the same change leaves it: what is a default one moves in the list.
fn put_role(
    tx: &mut Tx<'_>,
    member: &Member,
    role: Role,
    before: &Organization,
    after: &Organization,
) -> Result<()> {
    let changed = Member { role, ..member.clone() };
    let unchanged = Condition::equal("role", member.role)?;
    tx.put(&changed, unchanged, Error::Conflict)?;
    let from = member.listing(before);
    let listed = changed.listed(changed.since(after));
    if listed.key() == from {
        let update = Update::new(from).set("role", role)?;
        return tx.update(update.only_if(Condition::Exists), Error::Conflict);
    }
    tx.delete(&from, Some(Condition::Exists), Error::Conflict)?;
    tx.put(&listed, Condition::Absent, Error::Conflict)
}
