//! Finds the account or organization that an operator asks for.

use serde::Serialize;

use crate::accounts::EmailGuard;
use crate::activity::AuditScope;
use crate::billing::stripe_account::find_organization_of_customer;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::tokens::PlainToken;
use crate::values::{EmailAddress, TokenHolder};

/// An account or an organization, by its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Subject {
    /// The account of a person.
    User(UserId),
    /// An organization with its members and data.
    Organization(OrganizationId),
}

impl Subject {
    /// Parses an id.
    ///
    /// # Errors
    /// `InvalidField` if it is the id of neither an account nor an organization.
    pub fn parse(id: &str) -> Result<Self> {
        if let Ok(user) = id.parse() {
            return Ok(Self::User(user));
        }
        let organization = id.parse().map(Self::Organization);
        organization.map_err(|_| Error::invalid_field("id", "must be usr_… or client_…"))
    }

    /// Returns the id.
    pub fn id(&self) -> String {
        match self {
            Self::User(user) => user.to_string(),
            Self::Organization(organization) => organization.to_string(),
        }
    }

    /// Returns the log of the subject.
    pub(super) fn scope(&self) -> AuditScope {
        match self {
            Self::User(user) => AuditScope::User(user.clone()),
            Self::Organization(organization) => AuditScope::Organization(organization.clone()),
        }
    }
}

/// Finds an account or an organization by its id or by the beginning of one of its tokens, an account by its email
/// address, and an organization by its customer id at Stripe. Nothing is scanned.
///
/// # Errors
/// - `NotFound` if nothing has the address or the customer id.
/// - `InvalidField` if the text is none of these.
pub async fn find_subject(ctx: &Context, text: &str) -> Result<Subject> {
    if let Ok(subject) = Subject::parse(text) {
        return Ok(subject);
    }
    if let Some((holder, _)) = PlainToken::parse_beginning(text) {
        return Ok(match holder {
            TokenHolder::User(user) => Subject::User(user),
            TokenHolder::Organization(organization) => Subject::Organization(organization),
        });
    }
    if text.starts_with("cus_") {
        let organization = find_organization_of_customer(ctx, text).await?;
        return organization.map(Subject::Organization).ok_or(Error::NotFound);
    }
    let why = "must be an id, an email address, the beginning of a token, or a customer id (cus_…)";
    let email = EmailAddress::parse(text).map_err(|_| Error::invalid_field("query", why))?;
    let guard: Option<EmailGuard> = ctx.table.get(&keys::email_guard(&email)).await?;
    guard.map(|guard| Subject::User(guard.user_id)).ok_or(Error::NotFound)
}
