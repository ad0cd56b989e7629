//! API representation of an organization.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Organization, Role};
use crate::billing::Plan;
use crate::clock::Timestamp;
use crate::values::EmailAddress;

/// An organization as one of its members or keys sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationView {
    /// The id of the organization, an opaque string.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The name of the organization.
    #[schema(example = "Acme Corp")]
    pub name: String,
    /// The email address of the owner.
    #[schema(example = "dev@example.com")]
    pub owner_id: String,
    /// The role of the caller in the organization.
    pub role: Role,
    /// The plan of the organization, which sets its limits.
    pub plan: Plan,
    /// Whether it is the owner's default organization, which cannot be deleted.
    pub is_default: bool,
    /// Whether members without two-factor authentication have no access.
    #[serde(default)]
    pub require_two_factor: bool,
    /// Whether an API key was ever created in it.
    #[serde(default)]
    pub has_api_keys: bool,
    /// The number of members, including the owner.
    #[schema(example = 3)]
    pub members: u32,
    /// The time at which the organization was created.
    pub created_at: Timestamp,
}

impl OrganizationView {
    /// Builds the view for a caller with this role.
    ///
    pub(super) fn new(organization: &Organization, owner: &EmailAddress, role: Role) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.to_string(),
            owner_id: owner.to_string(),
            role,
            plan: organization.plan,
            is_default: organization.is_default,
            require_two_factor: organization.require_two_factor,
            has_api_keys: organization.has_api_keys(),
            members: organization.members,
            created_at: organization.created_at,
        }
    }
}
