//! Clients: the organizations that own projects, billing and keys.

pub mod list;
mod places;
mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use places::{Place, places};
pub use store::{ListedClient, Member, put_default};

use crate::accounts::{Name, User};
use crate::clock::Timestamp;
use crate::dynamo::{Key, Record, keys};
use crate::ids::{ClientId, UserId};

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, and alone billing, transfer and deletion.
    Owner,
}

/// What a client may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// The plan of every new client.
    Free,
}

/// An organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: ClientId,
    /// What it is called.
    pub name: Name,
    /// Who owns it.
    pub owner_id: UserId,
    /// What it may use.
    pub plan: Plan,
    /// Whether it came with its owner's account.
    pub is_default: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Client {
    /// The client that comes with an account, called like its owner.
    pub fn default_of(id: ClientId, owner: &User, now: Timestamp) -> Self {
        Self {
            id,
            name: owner.name.clone(),
            owner_id: owner.id.clone(),
            plan: Plan::Free,
            is_default: true,
            created_at: now,
        }
    }
}

impl Record for Client {
    fn key(&self) -> Key {
        keys::client(&self.id)
    }
}
