//! The keys of the simulated Stripe account.

use local_support::Random;
use serde::{Deserialize, Serialize};

/// The keys of a Stripe account, in the form that the service's secret has under `stripe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountKeys {
    /// The API key, `sk_test_…`.
    pub secret_key: String,
    /// The secrets that sign webhooks, `whsec_…`. The simulator signs with the first.
    pub webhook_secrets: Vec<String>,
}

impl AccountKeys {
    /// Generates keys in Stripe's format.
    pub fn generate(random: &dyn Random) -> Self {
        Self {
            secret_key: format!("sk_test_{}", random.identifier()),
            webhook_secrets: vec![format!("whsec_{}", random.identifier())],
        }
    }
}
