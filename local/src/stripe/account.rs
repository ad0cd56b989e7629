//! The account at Stripe: its keys.

use serde::{Deserialize, Serialize};
use shared::random::Random;

/// The keys as they stand in the service's secret under `stripe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) secret_key: String,
    pub(crate) webhook_secrets: Vec<String>,
}

impl Account {
    /// New ones, of the form of Stripe's.
    pub(crate) fn generate(random: &dyn Random) -> Self {
        Self {
            secret_key: format!("sk_test_{}", random.identifier()),
            webhook_secrets: vec![format!("whsec_{}", random.identifier())],
        }
    }
}
