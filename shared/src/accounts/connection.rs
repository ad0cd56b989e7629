//! What signs in to an account besides its password, as the API shows it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Provider, User};
use crate::clock::Timestamp;

/// An account elsewhere that signs in here.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
pub struct ConnectionView {
    /// Where it is: `google`.
    #[schema(example = "google")]
    provider: Provider,
    /// Its address there, as of its last use here.
    #[schema(example = "dev@example.com")]
    email: String,
    /// Since when it signs in here.
    connected_at: Timestamp,
}

impl ConnectionView {
    /// Those of an account: one at most.
    pub fn of(user: &User) -> Vec<Self> {
        let google = user.google.iter().map(|google| Self {
            provider: Provider::Google,
            email: google.email.to_string(),
            connected_at: google.connected_at,
        });
        google.collect()
    }
}
