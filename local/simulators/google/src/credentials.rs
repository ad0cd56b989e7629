//! The credentials of the only OAuth client, which is the service under test.

use local_support::Random;
use serde::{Deserialize, Serialize};

/// The id and the secret of an OAuth client, in the form that the service's secret has under `google`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCredentials {
    /// The OAuth client id.
    pub client_id: String,
    /// The OAuth client secret.
    pub client_secret: String,
}

impl ClientCredentials {
    /// Generates credentials in Google's format.
    pub fn generate(random: &dyn Random) -> Self {
        Self {
            client_id: format!("{}.apps.googleusercontent.com", random.identifier()),
            client_secret: format!("GOCSPX-{}", random.identifier()),
        }
    }
}
