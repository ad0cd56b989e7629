//! The two rows of a membership: one under the organization for authorization, and one under the
//! user for the ordered list of organizations.

use serde::{Deserialize, Serialize};

use super::{Organization, Role};
use crate::clock::Timestamp;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::keys;

/// List position of a user's default organization: before all others.
const DEFAULT_POSITION: Timestamp = Timestamp::from_seconds(0);

/// A membership, stored under the organization. Authorization reads this row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    /// The organization of the membership.
    pub client_id: OrganizationId,
    /// The member's user id.
    pub user_id: UserId,
    /// The member's role.
    pub role: Role,
    /// When the user joined.
    pub joined_at: Timestamp,
}

impl Record for Member {
    fn key(&self) -> Key {
        keys::member(&self.client_id, &self.user_id)
    }
}

/// A membership's second row, stored under the user in the order of their list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedOrganization {
    /// The member's user id.
    pub user_id: UserId,
    /// The organization of the membership.
    pub client_id: OrganizationId,
    /// The member's role.
    pub role: Role,
    /// The position in the list: the time of joining, or zero for the user's default organization.
    pub since: Timestamp,
}

impl Record for ListedOrganization {
    fn key(&self) -> Key {
        keys::listed_organization(&self.user_id, self.since, &self.client_id)
    }
}

impl Member {
    /// Returns the position in the user's list. The owner's default organization comes first.
    pub(super) fn list_position(&self, organization: &Organization) -> Timestamp {
        if organization.is_default_of(&self.user_id) { DEFAULT_POSITION } else { self.joined_at }
    }

    /// Returns the row to store under the user.
    pub fn to_listing(&self, since: Timestamp) -> ListedOrganization {
        ListedOrganization {
            user_id: self.user_id.clone(),
            client_id: self.client_id.clone(),
            role: self.role,
            since,
        }
    }

    /// Returns the key of the row under the user, given the organization's present state.
    pub(super) fn listing_key(&self, organization: &Organization) -> Key {
        keys::listed_organization(&self.user_id, self.list_position(organization), &self.client_id)
    }
}

/// Adds a new organization and both rows of its owner's membership to `tx`.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if one of the rows exists already.
pub fn put_organization_with_owner(tx: &mut Tx<'_>, organization: &Organization) -> Result<()> {
    let owner = Member {
        client_id: organization.id.clone(),
        user_id: organization.owner_id.clone(),
        role: Role::Owner,
        joined_at: organization.created_at,
    };
    let listing = owner.to_listing(owner.list_position(organization));
    // The id of an imported organization is not random, so another import may have created it meanwhile.
    tx.put(organization, Condition::Absent, AttemptError::Conflict)?;
    tx.put(&owner, Condition::Absent, AttemptError::Conflict)?;
    tx.put(&listing, Condition::Absent, AttemptError::Conflict)
}
