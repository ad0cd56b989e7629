//! The holder of a bearer token.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{InvalidId, OrganizationId, UserId};

/// The account or organization that a bearer token acts as. A user holds personal tokens, and an
/// organization holds API keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum TokenHolder {
    /// The user who created a personal token.
    User(UserId),
    /// The organization that an API key acts for.
    Organization(OrganizationId),
}

impl fmt::Display for TokenHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => user.fmt(f),
            Self::Organization(organization) => organization.fmt(f),
        }
    }
}

impl From<TokenHolder> for String {
    fn from(holder: TokenHolder) -> Self {
        holder.to_string()
    }
}

impl TryFrom<String> for TokenHolder {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        let user = UserId::parse(&text).map(Self::User);
        user.or_else(|| OrganizationId::parse(&text).map(Self::Organization)).ok_or(InvalidId)
    }
}
