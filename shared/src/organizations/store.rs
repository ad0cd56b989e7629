//! The rows of memberships. A membership is stored on both sides: under the client, where rights
//! are looked up, and under the user, where the list is read in order.

use serde::{Deserialize, Serialize};

use super::{Organization, Role};
use crate::clock::Timestamp;
use crate::dynamo::{Key, Record, Tx};
use crate::error::Result;
use crate::ids::{OrganizationId, UserId};
use crate::keys;

/// Since when a default client is listed for its owner: it comes first.
const FIRST: Timestamp = Timestamp::from_seconds(0);

/// A user's place in a client: what rights hang on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    /// The client.
    pub client_id: OrganizationId,
    /// The user.
    pub user_id: UserId,
    /// What the user may do in it.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
}

impl Record for Member {
    fn key(&self) -> Key {
        keys::member(&self.client_id, &self.user_id)
    }
}

/// A client in a user's list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedOrganization {
    /// The user.
    pub user_id: UserId,
    /// The client.
    pub client_id: OrganizationId,
    /// What the user may do in it.
    pub role: Role,
    /// Orders the list: since when the user is a member, and zero for the user's default client.
    pub since: Timestamp,
}

impl Record for ListedOrganization {
    fn key(&self) -> Key {
        keys::listed_client(&self.user_id, self.since, &self.client_id)
    }
}

impl Member {
    /// Orders the client in the user's list: a default client comes first in its owner's.
    pub(super) fn since(&self, organization: &Organization) -> Timestamp {
        if organization.is_default_of(&self.user_id) { FIRST } else { self.joined_at }
    }

    /// The listing on the other side.
    pub fn listed(&self, since: Timestamp) -> ListedOrganization {
        ListedOrganization {
            user_id: self.user_id.clone(),
            client_id: self.client_id.clone(),
            role: self.role,
            since,
        }
    }

    /// Where the listing on the other side is, of the client as it is with this membership.
    pub(super) fn listing(&self, organization: &Organization) -> Key {
        keys::listed_client(&self.user_id, self.since(organization), &self.client_id)
    }
}

/// Adds a new client, with both sides of its owner's membership, to a change.
pub fn put_with_owner(tx: &mut Tx<'_>, organization: &Organization) -> Result<()> {
    let owner = Member {
        client_id: organization.id.clone(),
        user_id: organization.owner_id.clone(),
        role: Role::Owner,
        joined_at: organization.created_at,
    };
    tx.put_new(organization)?;
    tx.put_new(&owner)?;
    tx.put_new(&owner.listed(owner.since(organization)))
}
