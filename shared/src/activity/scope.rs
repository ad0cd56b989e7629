//! The log that an event belongs to.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{InvalidId, OrganizationId, UserId};

/// The log that an event belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum AuditScope {
    /// A user's own security events.
    User(UserId),
    /// The log of an organization, which its owner and admins read.
    Organization(OrganizationId),
}

impl fmt::Display for AuditScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => write!(f, "USER#{user}"),
            Self::Organization(organization) => write!(f, "CLIENT#{organization}"),
        }
    }
}

impl From<AuditScope> for String {
    fn from(scope: AuditScope) -> Self {
        scope.to_string()
    }
}

impl TryFrom<String> for AuditScope {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        match text.split_once('#') {
            Some(("USER", user)) => user.parse().map(Self::User),
            Some(("CLIENT", organization)) => organization.parse().map(Self::Organization),
            Some(_) | None => Err(InvalidId),
        }
    }
}
