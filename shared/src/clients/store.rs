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
    /// Orders the client in the user's list: a default client comes first in its owner's.
    pub(super) fn since(&self, client: &Client) -> Timestamp {
        if client.is_default_of(&self.user_id) { FIRST } else { self.joined_at }
    }

    /// The listing on the other side.
    pub fn listed(&self, since: Timestamp) -> ListedClient {
        ListedClient {
            user_id: self.user_id.clone(),
            client_id: self.client_id.clone(),
            role: self.role,
            since,
        }
    }

    /// Where the listing on the other side is, of the client as it is with this membership.
    pub(super) fn listing(&self, client: &Client) -> Key {
        keys::listed_client(&self.user_id, self.since(client), &self.client_id)
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
    tx.put_new(client)?;
    tx.put_new(&owner)?;
    tx.put_new(&owner.listed(owner.since(client)))
}
