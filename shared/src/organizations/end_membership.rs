//! Ends a membership. Shared by removal, leaving and account erasure.

use super::{Member, Organization};
use crate::dynamo::{AttemptError, Condition, Record, Tx};
use crate::error::{Error, Result};

/// Deletes both rows of a membership in `tx` and decrements the organization's member count.
/// Returns the organization as it will be stored.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if the membership or the organization changed since it was read.
/// * An internal error if the member owns the organization.
pub(crate) fn end_membership(
    tx: &mut Tx<'_>,
    organization: Organization,
    member: &Member,
) -> Result<Organization> {
    if member.user_id == organization.owner_id {
        return Err(Error::internal("the owner's membership cannot end"));
    }
    let unchanged = Condition::equal("role", member.role)?;
    tx.delete(&member.key(), Some(unchanged), AttemptError::Conflict)?;
    tx.delete(&member.listing_key(&organization), None, AttemptError::Conflict)?;
    let members = organization.members.saturating_sub(1);
    Organization { members, ..organization }.store(tx)
}
