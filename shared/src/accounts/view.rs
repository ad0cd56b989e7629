//! The user as the API shows it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::User;
use crate::clock::Timestamp;

/// The provider that a user signs in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Provider)]
pub enum SignInProvider {
    /// This service, with address and password.
    Email,
    /// Google, for an account without a password.
    Google,
}

/// The account of a user, as the user sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    /// The id of the user, an opaque string.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// Address for signing in, normalized to lower case.
    #[schema(example = "dev@example.com")]
    pub email: String,
    /// The full name of the user.
    #[schema(example = "Ada Lovelace")]
    pub name: String,
    /// Provider that the user signs in with.
    pub provider: SignInProvider,
    /// Id of the account at the provider: the address, or Google's `sub`.
    #[schema(example = "dev@example.com")]
    pub provider_id: String,
    /// Whether the user has verified the email address.
    #[schema(example = true)]
    pub email_verified: bool,
    /// Whether signing in requires a second factor.
    #[schema(example = false)]
    pub two_factor_enabled: bool,
    /// Whether the account has a password.
    #[schema(example = true)]
    pub has_password: bool,
    /// Phone number in E.164 format, or null.
    #[schema(required)]
    pub phone: Option<String>,
    /// The name of a time zone in the IANA database, or null.
    #[schema(required)]
    pub timezone: Option<String>,
    /// The user's company, or null.
    #[schema(required)]
    pub company: Option<String>,
    /// The user's job title, or null.
    #[schema(required)]
    pub job_title: Option<String>,
    /// Time when the account was created.
    pub created_at: Timestamp,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        let (provider, provider_id) = match &user.google {
            Some(google) if user.password_hash.is_none() => {
                (SignInProvider::Google, google.subject.clone())
            }
            Some(_) | None => (SignInProvider::Email, user.email.to_string()),
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
