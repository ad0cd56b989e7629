//! Connected accounts, as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;

use super::{SignInProvider, User};
use crate::clock::Timestamp;

/// An account at another provider that signs in to this account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
pub struct ConnectionView {
    /// The name of the provider, which is `google`.
    #[schema(example = "google")]
    pub provider: SignInProvider,
    /// Address of the account at the provider, as of its last sign-in here.
    #[schema(example = "dev@example.com")]
    pub email: String,
    /// Time when the account was connected.
    pub connected_at: Timestamp,
}

impl ConnectionView {
    /// Returns the connected accounts of a user: at most one.
    pub fn list_for_user(user: &User) -> Vec<Self> {
        let google = user.google.iter().map(|google| Self {
            provider: SignInProvider::Google,
            email: google.email.to_string(),
            connected_at: google.connected_at,
        });
        google.collect()
    }
}
