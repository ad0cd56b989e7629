//! A user as the API shows it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::User;
use crate::clock::Timestamp;

/// Who vouches for an account: what signs in to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The service itself, with the account's address and password.
    Email,
    /// Google, of an account that has no password.
    Google,
}

/// A person's account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// Opaque id.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// The address that signs in, normalized to lower case.
    #[schema(example = "dev@example.com")]
    email: String,
    /// What the person is called.
    #[schema(example = "Ada Lovelace")]
    name: String,
    /// Who vouches for the account.
    provider: Provider,
    /// The account's name at the provider: the address, or Google's `sub`.
    #[schema(example = "dev@example.com")]
    provider_id: String,
    /// Whether the address is proven.
    #[schema(example = true)]
    email_verified: bool,
    /// Whether signing in asks for a second factor.
    #[schema(example = false)]
    two_factor_enabled: bool,
    /// Whether the account has a password.
    #[schema(example = true)]
    has_password: bool,
    /// E.164, or null.
    #[schema(required)]
    phone: Option<String>,
    /// IANA name of a time zone, or null.
    #[schema(required)]
    timezone: Option<String>,
    /// Or null.
    #[schema(required)]
    company: Option<String>,
    /// Or null.
    #[schema(required)]
    job_title: Option<String>,
    /// When the account was made.
    created_at: Timestamp,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        let (provider, provider_id) = match &user.google {
            Some(google) if user.password_hash.is_none() => {
                (Provider::Google, google.subject.clone())
            }
            Some(_) | None => (Provider::Email, user.email.to_string()),
        };
        Self {
            id: user.id.to_string(),
            email: user.email.to_string(),
            name: user.name.to_string(),
            provider,
            provider_id,
            email_verified: user.email_verified,
            two_factor_enabled: user.second_factor.is_some(),
            has_password: user.password_hash.is_some(),
            phone: user.phone.as_ref().map(ToString::to_string),
            timezone: user.timezone.as_ref().map(ToString::to_string),
            company: user.company.as_ref().map(ToString::to_string),
            job_title: user.job_title.as_ref().map(ToString::to_string),
            created_at: user.created_at,
        }
    }
}
