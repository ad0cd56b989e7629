//! Roles of members. The rights of each role are in `rights.rs`.
//!
//! To add a role, extend [`Role`] and [`AssignableRole`], and give it rights. The dashboard lists and names the roles
//! in `functions/dashboard/src/organizations/team/` and `labels.rs` beside it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The role of a member, which decides what the member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The owner. An organization has exactly one.
    Owner,
    /// A member who manages the organization.
    Admin,
    /// A member who works on its projects.
    Member,
    /// A member who reads and changes nothing.
    Viewer,
}

impl Role {
    /// Returns the role's name in the API and in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }
}

/// A role that can be assigned. Ownership changes by a transfer only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AssignableRole {
    /// A member who manages the organization.
    Admin,
    /// A member who works on its projects.
    Member,
    /// A member who reads and changes nothing.
    Viewer,
}

impl From<AssignableRole> for Role {
    fn from(role: AssignableRole) -> Self {
        match role {
            AssignableRole::Admin => Self::Admin,
            AssignableRole::Member => Self::Member,
            AssignableRole::Viewer => Self::Viewer,
        }
    }
}
