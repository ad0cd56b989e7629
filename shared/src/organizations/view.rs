//! A client as the API shows it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Organization, Role};
use crate::billing::Plan;
use crate::clock::Timestamp;
use crate::values::EmailAddress;

/// An organization.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationView {
    /// Opaque id.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// What it is called.
    #[schema(example = "Acme Corp")]
    name: String,
    /// The address of its owner.
    #[schema(example = "dev@example.com")]
    owner_id: String,
    /// What the caller is in it.
    role: Role,
    /// What it may use.
    plan: Plan,
    /// Whether it is the one that its owner's account can't be without.
    is_default: bool,
    /// How many belong to it.
    #[schema(example = 3)]
    members: u32,
    /// When it was made.
    created_at: Timestamp,
}

impl OrganizationView {
    /// As somebody with that role sees it.
    pub(super) fn of(organization: &Organization, owner: &EmailAddress, role: Role) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.to_string(),
            owner_id: owner.to_string(),
            role,
            plan: organization.plan,
            is_default: organization.is_default,
            members: organization.members,
            created_at: organization.created_at,
        }
    }
}
