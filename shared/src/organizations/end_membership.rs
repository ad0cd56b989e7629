//! Ending somebody's membership, whoever ends it and why.

use super::{Member, Organization};
use crate::dynamo::{Condition, Record, Tx};
use crate::error::{Error, Result};

/// Adds to a change that somebody doesn't belong to an organization any more: both sides of the membership
/// are gone, and it has one member less. Returns the organization as it is then. Both as they were read:
/// [`Error::Conflict`] where either has changed. The owner can't be without it.
pub(crate) fn end_membership(
    tx: &mut Tx<'_>,
    organization: Organization,
    member: &Member,
) -> Result<Organization> {
    if member.user_id == organization.owner_id {
        return Err(Error::internal("an organization is to lose its owner"));
    }
    let same = Condition::equal("role", member.role)?;
    tx.delete(&member.key(), Some(same), Error::Conflict)?;
    tx.delete(&member.listing(&organization), None, Error::Conflict)?;
    let members = organization.members.saturating_sub(1);
    Organization { members, ..organization }.store(tx)
}
