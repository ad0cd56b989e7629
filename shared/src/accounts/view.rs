//! A user as the API shows it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Provider, User};
use crate::clock::Timestamp;

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
    /// The account's name at the provider: for `email`, the address.
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
        Self {
            id: user.id.to_string(),
            email: user.email.to_string(),
            name: user.name.to_string(),
            provider: Provider::Email,
            provider_id: user.email.to_string(),
            email_verified: user.email_verified,
            // No second factor can be set up yet.
            two_factor_enabled: false,
            has_password: user.password_hash.is_some(),
            phone: user.phone.as_ref().map(ToString::to_string),
            timezone: user.timezone.as_ref().map(ToString::to_string),
            company: user.company.as_ref().map(ToString::to_string),
            job_title: user.job_title.as_ref().map(ToString::to_string),
            created_at: user.created_at,
        }
    }
}
