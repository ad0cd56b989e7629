//! The rows of memberships. A membership is stored on both sides: under the client, where rights
//! are looked up, and under the user, where the list is read in order.

use serde::{Deserialize, Serialize};

use super::{Client, Role};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::dynamo::{Key, Record, Tx, keys};
use crate::error::Result;
use crate::ids::{ClientId, UserId};

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

/// Adds an account's default client, with both sides of its owner's membership, to the change that
/// makes the account.
pub fn put_default(tx: &mut Tx<'_>, client: &Client, owner: &User) -> Result<()> {
    tx.put_new(client)?;
    tx.put_new(&Member {
        client_id: client.id.clone(),
        user_id: owner.id.clone(),
        role: Role::Owner,
        joined_at: client.created_at,
    })?;
    tx.put_new(&ListedClient {
        user_id: owner.id.clone(),
        client_id: client.id.clone(),
        role: Role::Owner,
        since: Timestamp::from_seconds(0),
    })
}
