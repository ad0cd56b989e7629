//! The service's secrets: generated at the first start, and stored in Secrets Manager at each start.
//!
//! One file holds all of them by name. Those with a seed are generated as the template says. The credentials at Google
//! and Stripe are generated too, while an operator enters them by hand in the cloud.

use std::path::Path;

use aws_config::SdkConfig;
use google_simulator::ClientCredentials;
use local_support::json_file;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::random::Random;
use shared::secrets::PerSecret;
use stripe_simulator::AccountKeys;

use crate::StartError;
use crate::simulators::{generate_google_client, generate_stripe_keys};
use crate::template::GeneratedSecret;

/// The secrets with a seed.
const SEEDED: [&str; 4] = [STORAGE, SESSION, ACCOUNT, SIGNING];

const STORAGE: &str = "storage";
const SESSION: &str = "session";
const ACCOUNT: &str = "account";
const SIGNING: &str = "signing";
const GOOGLE: &str = "google";
const STRIPE: &str = "stripe";

/// The beginning of the names of the secrets.
const NAME_PREFIX: &str = "aius-local-";

/// Returns the name in the template of the secret with this ARN or name, such as `StorageSecret`; the given one if it
/// is none of the stack.
pub(super) fn template_name(id: &str) -> String {
    let mut all = SEEDED.into_iter().chain([GOOGLE, STRIPE]);
    let Some(name) = all.find(|name| id.contains(&format!("{NAME_PREFIX}{name}"))) else {
        return id.to_owned();
    };
    let (first, rest) = name.split_at(1);
    format!("{}{rest}Secret", first.to_uppercase())
}

/// Secrets that come from the options of the stack.
pub(crate) struct ProvidedSecrets {
    /// The credentials of the service at Google. `None` uses the generated ones of the data folder.
    pub(crate) google: Option<ClientCredentials>,
    pub(crate) stripe: StripeSecret,
}

/// The keys of the Stripe account.
pub(crate) enum StripeSecret {
    /// Keys that are generated once and kept in the data folder.
    Generated,
    /// Keys of another account, which are not kept.
    Provided(AccountKeys),
    /// No keys: billing is not configured.
    Absent,
}

/// The secrets as stored in Secrets Manager.
pub(crate) struct StoredSecrets {
    pub(crate) ids: PerSecret<String>,
    pub(crate) google: ClientCredentials,
    pub(crate) stripe: Option<AccountKeys>,
}

/// Stores the secrets of the file in Secrets Manager, with the provided ones replaced. Generates those that the file
/// lacks.
///
/// # Errors
/// [`StartError::Data`] if the file cannot be read or written, [`StartError::Aws`] if its content is not the secrets of
/// this stack or Secrets Manager refuses them.
pub(crate) async fn store_secrets(
    sdk: &SdkConfig,
    settings: &GeneratedSecret,
    file: Option<&Path>,
    provided: ProvidedSecrets,
    random: &dyn Random,
) -> Result<StoredSecrets, StartError> {
    let stored = match file {
        None => None,
        Some(file) => json_file::read::<Map<String, Value>>(file).map_err(StartError::Data)?,
    };
    let mut documents = stored.clone().unwrap_or_default();
    for name in SEEDED {
        documents.entry(name).or_insert_with(|| settings.generate(random));
    }
    documents.entry(GOOGLE).or_insert_with(|| json!(generate_google_client(random)));
    documents.entry(STRIPE).or_insert_with(|| json!(generate_stripe_keys(random)));
    if let Some(file) = file
        && stored.as_ref() != Some(&documents)
    {
        json_file::write(file, &documents).map_err(StartError::Data)?;
    }
    if let Some(google) = provided.google {
        documents.insert(GOOGLE.to_owned(), json!(google));
    }
    match provided.stripe {
        StripeSecret::Generated => {}
        StripeSecret::Provided(account) => {
            documents.insert(STRIPE.to_owned(), json!(account));
        }
        StripeSecret::Absent => {
            documents.insert(STRIPE.to_owned(), json!({}));
        }
    }
    let google = ClientCredentials::deserialize(&documents[GOOGLE]).map_err(StartError::aws)?;
    let stripe = Some(&documents[STRIPE]).filter(|keys| **keys != json!({}));
    let stripe = stripe.map(AccountKeys::deserialize).transpose().map_err(StartError::aws)?;
    let client = aws_sdk_secretsmanager::Client::new(sdk);
    let create = async |name: &str| {
        let secret = client.create_secret().name(format!("{NAME_PREFIX}{name}"));
        let secret = secret.secret_string(documents[name].to_string());
        // Boxed, because the future of a call of the SDK is large.
        let created = Box::pin(secret.send()).await.map_err(StartError::aws)?;
        created.arn.ok_or_else(|| StartError::aws("the secret has no ARN"))
    };
    let ids = PerSecret {
        storage: create(STORAGE).await?,
        session: Some(create(SESSION).await?),
        account: Some(create(ACCOUNT).await?),
        signing: Some(create(SIGNING).await?),
        google: Some(create(GOOGLE).await?),
        stripe: Some(create(STRIPE).await?),
    };
    Ok(StoredSecrets { ids, google, stripe })
}
