//! The accounts of the service at Google and Stripe, simulated or real.

use std::sync::Arc;

use google_simulator::{ClientCredentials, GoogleSimulator, GoogleSimulatorOptions};
use stripe_simulator::{AccountKeys, StripeSimulator, StripeSimulatorOptions};

use super::environment::Environment;
use super::options::{GoogleAccess, StripeAccess, StripeBackend};
use crate::StartError;
use crate::aws::{ProvidedSecrets, StripeSecret};
use crate::data::DataFolder;
use crate::simulators;

/// The base URL of Stripe's API.
const STRIPE_API_BASE: &str = "https://api.stripe.com/";

/// The Stripe API that the functions call, in place of `STRIPE_API_BASE` and `STRIPE_PRICES`.
pub(super) struct StripeEndpoint {
    pub(super) api_base: String,
    pub(super) prices: String,
    pub(super) is_simulated: bool,
}

impl StripeEndpoint {
    /// Returns the endpoint that the options select.
    pub(super) fn new(backend: &StripeBackend, port: u16) -> Self {
        let (api_base, prices) = match backend {
            StripeBackend::Simulated => {
                (simulators::stripe_api_base(port), stripe_simulator::PLAN_PRICES.to_owned())
            }
            StripeBackend::Real { prices, .. } => (STRIPE_API_BASE.to_owned(), prices.clone()),
            StripeBackend::Disabled => (STRIPE_API_BASE.to_owned(), String::new()),
        };
        let is_simulated = *backend == StripeBackend::Simulated;
        Self { api_base, prices, is_simulated }
    }
}

/// Returns the issuer of ID tokens, and the secrets that the options provide.
pub(super) fn provided_secrets(
    google: Option<GoogleAccess>,
    stripe: StripeBackend,
    base_url: &str,
) -> (String, ProvidedSecrets) {
    let (issuer, google) = match google {
        None => (google_simulator::issuer_url(base_url), None),
        Some(GoogleAccess { issuer, client_id, client_secret }) => {
            (issuer, Some(ClientCredentials { client_id, client_secret }))
        }
    };
    let stripe = match stripe {
        StripeBackend::Simulated => StripeSecret::Generated,
        StripeBackend::Real { secret_key, webhook_secret, .. } => {
            let webhook_secrets = webhook_secret.into_iter().collect();
            StripeSecret::Provided(AccountKeys { secret_key, webhook_secrets })
        }
        StripeBackend::Disabled => StripeSecret::Absent,
    };
    (issuer, ProvidedSecrets { google, stripe })
}

/// Creates the simulated Google.
///
/// # Errors
/// [`StartError::Data`] if its accounts cannot be read from the data folder.
pub(super) fn simulate_google(
    environment: &Environment,
    client: ClientCredentials,
) -> Result<GoogleSimulator, StartError> {
    let random = environment.random.clone();
    GoogleSimulator::new(GoogleSimulatorOptions {
        base_url: environment.url.clone(),
        redirect_uri: simulators::google_redirect_uri(&environment.url),
        client,
        accounts_file: environment.file(DataFolder::google_file),
        clock: environment.clock.clone(),
        random: Arc::new(move |buffer: &mut [u8]| random.fill(buffer)),
    })
    .map_err(StartError::Data)
}

/// Creates the simulated Stripe.
///
/// # Errors
/// [`StartError::Data`] if its objects cannot be read from the data folder.
pub(super) fn simulate_stripe(
    environment: &Environment,
    endpoint: &StripeEndpoint,
    keys: AccountKeys,
) -> Result<(Arc<StripeSimulator>, StripeAccess), StartError> {
    let random = environment.random.clone();
    let simulator = StripeSimulator::new(StripeSimulatorOptions {
        base_url: environment.url.clone(),
        webhook_url: simulators::stripe_webhook_url(environment.port),
        account_keys: keys.clone(),
        data_file: environment.file(DataFolder::stripe_file),
        clock: environment.clock.clone(),
        random: Arc::new(move |buffer: &mut [u8]| random.fill(buffer)),
    });
    let simulator = Arc::new(simulator.map_err(StartError::Data)?);
    let access = StripeAccess {
        api_base: endpoint.api_base.clone(),
        secret_key: keys.secret_key,
        webhook_secrets: keys.webhook_secrets,
        prices: endpoint.prices.clone(),
    };
    Ok((simulator, access))
}
