//! The service's secret: generated at the first start, and stored in Secrets Manager at each start.
//!
//! In addition to the fields of the template, it holds `"google":{"client_id","client_secret"}` and
//! `"stripe":{"secret_key","webhook_secrets"}`, which an operator adds by hand in the cloud.

use std::path::Path;

use aws_config::SdkConfig;
use google_simulator::ClientCredentials;
use local_support::json_file;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::random::Random;
use stripe_simulator::AccountKeys;

use crate::StartError;
use crate::simulators::{generate_google_client, generate_stripe_keys};
use crate::template::Secret;

const SECRET_NAME: &str = "aius-local";

const GOOGLE_FIELD: &str = "google";
const STRIPE_FIELD: &str = "stripe";

/// Parts of the secret that come from the options of the stack.
pub(crate) struct ProvidedSecrets {
    /// The credentials of the service at Google. `None` uses the generated ones of the data folder.
    pub(crate) google: Option<ClientCredentials>,
    pub(crate) stripe: StripeSecret,
}

/// The keys of the Stripe account in the secret.
pub(crate) enum StripeSecret {
    /// Keys that are generated once and kept in the data folder.
    Generated,
    /// Keys of another account, which are not kept.
    Provided(AccountKeys),
    /// No keys: billing is not configured.
    Absent,
}

/// The secret as stored in Secrets Manager.
pub(crate) struct StoredSecret {
    pub(crate) arn: String,
    pub(crate) google: ClientCredentials,
    pub(crate) stripe: Option<AccountKeys>,
}

/// Stores the secret of the file in Secrets Manager, with the provided parts replaced. Generates the parts
/// that the file lacks.
///
/// # Errors
/// [`StartError::Data`] if the file cannot be read or written, [`StartError::Aws`] if its content is not a
/// secret of this stack or Secrets Manager refuses it.
pub(crate) async fn store_secret(
    sdk: &SdkConfig,
    secret: &Secret,
    file: Option<&Path>,
    provided: ProvidedSecrets,
    random: &dyn Random,
) -> Result<StoredSecret, StartError> {
    let stored = match file {
        None => None,
        Some(file) => json_file::read::<Map<String, Value>>(file).map_err(StartError::Data)?,
    };
    let mut document = stored.clone().map_or_else(|| generate(secret, random), Ok)?;
    // A file that was written by a build without Google or Stripe lacks their credentials.
    document.entry(GOOGLE_FIELD).or_insert_with(|| json!(generate_google_client(random)));
    document.entry(STRIPE_FIELD).or_insert_with(|| json!(generate_stripe_keys(random)));
    if let Some(file) = file
        && stored.as_ref() != Some(&document)
    {
        json_file::write(file, &document).map_err(StartError::Data)?;
    }
    if let Some(google) = provided.google {
        document.insert(GOOGLE_FIELD.to_owned(), json!(google));
    }
    match provided.stripe {
        StripeSecret::Generated => {}
        StripeSecret::Provided(account) => {
            document.insert(STRIPE_FIELD.to_owned(), json!(account));
        }
        StripeSecret::Absent => {
            document.remove(STRIPE_FIELD);
        }
    }
    let google =
        ClientCredentials::deserialize(&document[GOOGLE_FIELD]).map_err(StartError::aws)?;
    let stripe = document
        .get(STRIPE_FIELD)
        .map(AccountKeys::deserialize)
        .transpose()
        .map_err(StartError::aws)?;
    let created = aws_sdk_secretsmanager::Client::new(sdk)
        .create_secret()
        .name(SECRET_NAME)
        .secret_string(Value::Object(document).to_string())
        .send()
        .await
        .map_err(StartError::aws)?;
    let arn = created.arn.ok_or_else(|| StartError::aws("the secret has no ARN"))?;
    Ok(StoredSecret { arn, google, stripe })
}

fn generate(secret: &Secret, random: &dyn Random) -> Result<Map<String, Value>, StartError> {
    serde_json::from_str(&secret.generate(random)).map_err(StartError::aws)
}
