//! The rows of memberships. A membership is stored on both sides: under the client, where rights
//! are looked up, and under the user, where the list is read in order.

use serde::{Deserialize, Serialize};

use super::{Client, Role};
use crate::clock::Timestamp;
use crate::dynamo::{Key, Record, Tx, keys};
use crate::error::Result;
use crate::ids::{ClientId, UserId};

/// Since when a default client is listed for its owner: it comes first.
const FIRST: Timestamp = Timestamp::from_seconds(0);

/// A user's place in a client: what rights hang on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    /// The client.
    pub client_id: ClientId,
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
pub struct ListedClient {
    /// The user.
    pub user_id: UserId,
    /// The client.
    pub client_id: ClientId,
    /// What the user may do in it.
    pub role: Role,
    /// Orders the list: since when the user is a member, and zero for the user's default client.
    pub since: Timestamp,
}

impl Record for ListedClient {
    fn key(&self) -> Key {
        keys::listed_client(&self.user_id, self.since, &self.client_id)
    }
}

impl Member {
    /// The listing on the other side.
    pub fn listed(&self, since: Timestamp) -> ListedClient {
        ListedClient {
            user_id: self.user_id.clone(),
            client_id: self.client_id.clone(),
            role: self.role,
            since,
        }
    }

    /// Where the listing on the other side can be.
    pub(super) fn listings(&self, client: &Client) -> Vec<Key> {
        // Whoever once owned a default client may have it listed first still.
        let first = client.is_default.then_some(FIRST);
        let since = std::iter::once(self.joined_at).chain(first);
        since.map(|since| keys::listed_client(&self.user_id, since, &self.client_id)).collect()
    }
}

/// Adds a new client, with both sides of its owner's membership, to a change.
pub fn put_with_owner(tx: &mut Tx<'_>, client: &Client) -> Result<()> {
    let owner = Member {
        client_id: client.id.clone(),
        user_id: client.owner_id.clone(),
        role: Role::Owner,
        joined_at: client.created_at,
    };
    let since = if client.is_default { FIRST } else { client.created_at };
    tx.put_new(client)?;
    tx.put_new(&owner)?;
    tx.put_new(&owner.listed(since))
}
