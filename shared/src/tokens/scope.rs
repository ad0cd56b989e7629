//! Scopes: what a bearer token may do, of all that its holder may do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// A group of operations that a bearer token may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum Scope {
    /// Read organizations, their members, invitations and usage.
    #[serde(rename = "clients:read")]
    ClientsRead,
    /// Create and rename organizations, and answer invitations.
    #[serde(rename = "clients:write")]
    ClientsWrite,
    /// Read projects, their briefs and runs.
    #[serde(rename = "projects:read")]
    ProjectsRead,
    /// Create, change, fork and delete projects, and write briefs.
    #[serde(rename = "projects:write")]
    ProjectsWrite,
    /// Read artifacts, their versions and reports.
    #[serde(rename = "artifacts:read")]
    ArtifactsRead,
    /// Upload and delete artifacts.
    #[serde(rename = "artifacts:write")]
    ArtifactsWrite,
    /// Start and finish runs.
    #[serde(rename = "runs:write")]
    RunsWrite,
    /// Spend credits.
    #[serde(rename = "usage:write")]
    UsageWrite,
    /// Read credits, the subscription, invoices and payment methods.
    #[serde(rename = "billing:read")]
    BillingRead,
    /// Read the activity logs of the account and its organizations.
    #[serde(rename = "activity:read")]
    ActivityRead,
}

impl Scope {
    /// All scopes, in the order in which responses list them.
    pub const ALL: [Self; 10] = [
        Self::ClientsRead,
        Self::ClientsWrite,
        Self::ProjectsRead,
        Self::ProjectsWrite,
        Self::ArtifactsRead,
        Self::ArtifactsWrite,
        Self::RunsWrite,
        Self::UsageWrite,
        Self::BillingRead,
        Self::ActivityRead,
    ];

    /// Returns the name that is stored and shown in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientsRead => "clients:read",
            Self::ClientsWrite => "clients:write",
            Self::ProjectsRead => "projects:read",
            Self::ProjectsWrite => "projects:write",
            Self::ArtifactsRead => "artifacts:read",
            Self::ArtifactsWrite => "artifacts:write",
            Self::RunsWrite => "runs:write",
            Self::UsageWrite => "usage:write",
            Self::BillingRead => "billing:read",
            Self::ActivityRead => "activity:read",
        }
    }
}

/// Joins scopes with spaces, as OAuth writes them (RFC 6749, 3.3).
pub fn join_scopes(scopes: &[Scope]) -> String {
    scopes.iter().copied().map(Scope::name).collect::<Vec<_>>().join(" ")
}

/// Parses scopes with spaces between them (RFC 6749, 3.3). There must be one.
///
/// # Errors
///
/// * [`Error::Missing`] of `scope` if there is none.
/// * [`Error::InvalidField`] of `scope` if one is unknown.
pub fn parse_scopes(text: &str) -> Result<Vec<Scope>> {
    let names = text.split(' ').filter(|name| !name.is_empty());
    let scope = |name: &str| {
        let unknown = || {
            let known = join_scopes(&Scope::ALL);
            Error::invalid_field("scope", format!("must name scopes among: {known}"))
        };
        Scope::ALL.into_iter().find(|scope| scope.name() == name).ok_or_else(unknown)
    };
    let scopes: Vec<_> = names.map(scope).collect::<Result<_>>()?;
    if scopes.is_empty() { Err(Error::missing("scope")) } else { Ok(scopes) }
}

/// The scopes of a token. The default is all of them, those that are added in future included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(Option<BTreeSet<Scope>>);

impl Scopes {
    /// Creates scopes from those that a request lists. Without a list, they are all scopes.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] of `scopes` if the list is empty.
    pub fn parse(listed: Option<Vec<Scope>>) -> Result<Self> {
        match listed {
            Some(listed) if listed.is_empty() => {
                Err(Error::invalid_field("scopes", "must name at least one scope"))
            }
            listed => Ok(Self(listed.map(BTreeSet::from_iter))),
        }
    }

    /// Returns whether they are all scopes because none were named.
    pub(crate) fn is_unrestricted(&self) -> bool {
        self.0.is_none()
    }

    /// Returns whether the scope is one of these.
    pub(crate) fn contains(&self, scope: Scope) -> bool {
        self.0.as_ref().is_none_or(|scopes| scopes.contains(&scope))
    }

    /// Lists the scopes for a response.
    pub(crate) fn to_list(&self) -> Vec<Scope> {
        Scope::ALL.into_iter().filter(|scope| self.contains(*scope)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_names_match_their_stored_form() {
        for scope in Scope::ALL {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.name());
        }
    }

    #[test]
    fn without_a_list_every_scope_is_granted() {
        let all = Scopes::parse(None).unwrap();
        assert_eq!(all.to_list(), Scope::ALL);
        let one = Scopes::parse(Some(vec![Scope::RunsWrite, Scope::RunsWrite])).unwrap();
        assert_eq!(one.to_list(), [Scope::RunsWrite]);
        assert!(!one.contains(Scope::ProjectsRead) && !one.is_unrestricted());
        assert!(Scopes::parse(Some(vec![])).is_err());
    }
}
