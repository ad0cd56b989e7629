//! A key as owners and admins see it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dead_since;
use crate::clock::Timestamp;
use crate::organizations::Organization;
use crate::tokens::{PlainToken, Revealed, Token};

/// A key that has a new value, which is shown this once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewKey {
    /// Counted for each client, from 1.
    #[schema(example = 7)]
    id: u32,
    /// The client that it acts as.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    client_id: String,
    /// What it is called.
    #[schema(example = "production")]
    name: String,
    /// Its value, shown this once.
    key: Revealed,
    /// How it is shown from now on.
    #[schema(example = "aius_…x7Qw")]
    masked: String,
    /// When it was made.
    created_at: Timestamp,
}

impl NewKey {
    /// A key of that client, which has that value from now on.
    pub(super) fn of(key: &Token, organization: &Organization, value: &PlainToken) -> Self {
        Self {
            id: key.number,
            client_id: organization.id.to_string(),
            name: key.name.to_string(),
            key: Revealed::from(value),
            masked: key.masked(),
            created_at: key.created_at,
        }
    }
}

/// A key of a client.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub struct KeyView {
    /// Counted for each client, from 1.
    #[schema(example = 7)]
    id: u32,
    /// The client that it acts as.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    client_id: String,
    /// What it is called.
    #[schema(example = "production")]
    name: String,
    /// Its last characters, to tell it by.
    #[schema(example = "aius_…x7Qw")]
    masked: String,
    /// The id of the user who made it.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    created_by: String,
    /// When it was made.
    created_at: Timestamp,
    /// When it got its present value; null where that is the first.
    #[schema(required)]
    rotated_at: Option<Timestamp>,
    /// When it was last used, to the hour; null until it is.
    #[schema(required)]
    last_used_at: Option<Timestamp>,
    /// When it was revoked; null while it wasn't.
    #[schema(required)]
    revoked_at: Option<Timestamp>,
}

impl KeyView {
    /// A key of that client.
    pub(super) fn of(key: &Token, organization: &Organization) -> Self {
        Self {
            id: key.number,
            client_id: organization.id.to_string(),
            name: key.name.to_string(),
            masked: key.masked(),
            created_by: key.created_by.to_string(),
            created_at: key.created_at,
            rotated_at: key.rotated_at,
            last_used_at: key.last_used_at,
            revoked_at: dead_since(key, organization),
        }
    }
}

/// A key among those of several clients.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedKey {
    /// The key.
    #[serde(flatten)]
    key: KeyView,
    /// What the client is called.
    #[schema(example = "Acme Corp")]
    client_name: String,
}

impl ListedKey {
    /// A key of that client.
    pub(super) fn of(key: &Token, organization: &Organization) -> Self {
        Self { key: KeyView::of(key, organization), client_name: organization.name.to_string() }
    }
}
