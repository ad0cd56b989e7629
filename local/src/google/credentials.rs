//! The one client that the provider knows: the service itself.

use serde::{Deserialize, Serialize};
use shared::random::Random;

/// A client's name and secret at a provider, as they stand in the service's secret under `google`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl Credentials {
    /// New ones, of the form of Google's.
    pub(crate) fn generate(random: &dyn Random) -> Self {
        Self {
            client_id: format!("{}.apps.googleusercontent.com", random.identifier()),
            client_secret: format!("GOCSPX-{}", random.identifier()),
        }
    }
}
