//! API representations of an API key.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::creators::{Creators, KeyCreator};
use super::revoked_since;
use crate::clock::Timestamp;
use crate::organizations::Organization;
use crate::tokens::{PlainToken, PreviousValueView, RevealedToken, Scope, Token};

/// An API key with its new value.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewKey {
    /// Number within the organization, counted from 1.
    #[schema(example = 7)]
    pub id: u32,
    /// The organization that the key acts as.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub client_id: String,
    /// The name of the API key.
    #[schema(example = "production")]
    pub name: String,
    /// What the key may do.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// The addresses and networks from which the key may be used; null if it may be used from everywhere.
    #[serde(default)]
    #[schema(required, example = json!(["203.0.113.0/24"]))]
    pub allowed_ips: Option<Vec<String>>,
    /// When the key expires; null if never.
    #[serde(default)]
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// The value, shown only this once.
    pub key: RevealedToken,
    /// The masked form that is shown from then on.
    #[schema(example = "aius_…x7Qw")]
    pub masked: String,
    /// The value before the last rotation, while it is still accepted; null otherwise.
    #[serde(default)]
    #[schema(required)]
    pub previous_value: Option<PreviousValueView>,
    /// The time at which the API key was created.
    pub created_at: Timestamp,
}

impl NewKey {
    /// Builds the view of a key together with its plain text.
    pub(super) fn new(
        key: &Token,
        organization: &Organization,
        value: &PlainToken,
        now: Timestamp,
    ) -> Self {
        Self {
            id: key.number,
            client_id: organization.id.to_string(),
            name: key.name.to_string(),
            scopes: key.scopes.to_list(),
            allowed_ips: key.allowed_ips.to_list(),
            expires_at: key.expires_at,
            key: RevealedToken::from(value),
            masked: key.masked(),
            previous_value: PreviousValueView::new(key.previous_value.as_ref(), now),
            created_at: key.created_at,
        }
    }
}

/// A bearer token that acts as the organization itself. Its value is not shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub struct KeyView {
    /// Number within the organization, counted from 1.
    #[schema(example = 7)]
    pub id: u32,
    /// The organization that the key acts as.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub client_id: String,
    /// The name of the API key.
    #[schema(example = "production")]
    pub name: String,
    /// What the key may do.
    pub scopes: Vec<Scope>,
    /// The addresses and networks from which the key may be used; null if it may be used from everywhere.
    #[schema(required, example = json!(["203.0.113.0/24"]))]
    pub allowed_ips: Option<Vec<String>>,
    /// The last characters of the value, by which users recognize the key.
    #[schema(example = "aius_…x7Qw")]
    pub masked: String,
    /// The value before the last rotation, while it is still accepted; null otherwise.
    #[schema(required)]
    pub previous_value: Option<PreviousValueView>,
    /// The user who created the key, who may have left the organization since.
    pub created_by: KeyCreator,
    /// The time at which the API key was created.
    pub created_at: Timestamp,
    /// When the key was last rotated; null if never.
    #[schema(required)]
    pub rotated_at: Option<Timestamp>,
    /// When the key was last used, with a precision of one hour; null if never.
    #[schema(required)]
    pub last_used_at: Option<Timestamp>,
    /// When the key expires; null if never.
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// When the key was revoked; null if it is not revoked.
    #[schema(required)]
    pub revoked_at: Option<Timestamp>,
}

impl KeyView {
    /// Builds the view of a key of this organization.
    pub(super) fn new(
        key: &Token,
        organization: &Organization,
        creators: &Creators,
        now: Timestamp,
    ) -> Self {
        Self {
            id: key.number,
            client_id: organization.id.to_string(),
            name: key.name.to_string(),
            scopes: key.scopes.to_list(),
            allowed_ips: key.allowed_ips.to_list(),
            masked: key.masked(),
            previous_value: PreviousValueView::new(key.previous_value.as_ref(), now),
            created_by: KeyCreator::new(&key.created_by, creators),
            created_at: key.created_at,
            rotated_at: key.rotated_at,
            last_used_at: key.last_used_at,
            expires_at: key.expires_at,
            revoked_at: revoked_since(key, organization),
        }
    }
}

/// An API key in a list across several organizations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListedKey {
    /// The key.
    #[serde(flatten)]
    pub key: KeyView,
    /// The name of the organization that the API key belongs to.
    #[schema(example = "Acme Corp")]
    pub client_name: String,
}

impl ListedKey {
    /// Builds the view of a key of this organization.
    pub(super) fn new(
        key: &Token,
        organization: &Organization,
        creators: &Creators,
        now: Timestamp,
    ) -> Self {
        let key = KeyView::new(key, organization, creators, now);
        Self { key, client_name: organization.name.to_string() }
    }
}
