//! The secret: generated at the first start, and put into Secrets Manager at each.
//!
//! To what the template generates it adds `"google":{"client_id","client_secret"}` and
//! `"stripe":{"secret_key","webhook_secrets"}`, which an operator adds by hand in the cloud.

use std::path::Path;

use aws_config::SdkConfig;
use google_simulator::ClientCredentials;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::random::Random;
use stripe_simulator::AccountKeys;

use crate::simulators::{generate_google_client, generate_stripe_keys};
use crate::template::Secret;
use crate::{StartError, data};

const NAME: &str = "aius-local";

const GOOGLE: &str = "google";
const STRIPE: &str = "stripe";

/// What is in the secret beside what the template generates.
pub(crate) struct Given {
    /// The client's credentials at Google; the file's where there are none.
    pub(crate) google: Option<ClientCredentials>,
    pub(crate) stripe: GivenAccount,
}

/// The account at Stripe.
pub(crate) enum GivenAccount {
    /// The file's, generated once.
    Kept,
    /// Another one, which the file doesn't keep.
    Other(AccountKeys),
    /// None.
    Absent,
}

/// What was put into Secrets Manager.
pub(crate) struct Put {
    /// The secret's ARN.
    pub(crate) id: String,
    pub(crate) google: ClientCredentials,
    pub(crate) stripe: Option<AccountKeys>,
}

/// Puts the secret that the file holds into Secrets Manager, with what is given instead. Generates what
/// the file lacks.
pub(crate) async fn put_secret(
    sdk: &SdkConfig,
    secret: &Secret,
    file: Option<&Path>,
    given: Given,
    random: &dyn Random,
) -> Result<Put, StartError> {
    let kept = match file {
        None => None,
        Some(file) => data::read::<Map<String, Value>>(file).map_err(StartError::Data)?,
    };
    let mut document = kept.clone().map_or_else(|| generate(secret, random), Ok)?;
    // One that was kept by a build without Google has none.
    document.entry(GOOGLE).or_insert_with(|| json!(generate_google_client(random)));
    document.entry(STRIPE).or_insert_with(|| json!(generate_stripe_keys(random)));
    if let Some(file) = file
        && kept.as_ref() != Some(&document)
    {
        data::write(file, &document).map_err(StartError::Data)?;
    }
    if let Some(google) = given.google {
        document.insert(GOOGLE.to_owned(), json!(google));
    }
    match given.stripe {
        GivenAccount::Kept => {}
        GivenAccount::Other(account) => {
            document.insert(STRIPE.to_owned(), json!(account));
        }
        GivenAccount::Absent => {
            document.remove(STRIPE);
        }
    }
    let google = ClientCredentials::deserialize(&document[GOOGLE]).map_err(StartError::aws)?;
    let stripe =
        document.get(STRIPE).map(AccountKeys::deserialize).transpose().map_err(StartError::aws)?;
    let created = aws_sdk_secretsmanager::Client::new(sdk)
        .create_secret()
        .name(NAME)
        .secret_string(Value::Object(document).to_string())
        .send()
        .await
        .map_err(StartError::aws)?;
    let arn = created.arn.ok_or_else(|| StartError::aws("the secret has no ARN"))?;
    Ok(Put { id: arn, google, stripe })
}

fn generate(secret: &Secret, random: &dyn Random) -> Result<Map<String, Value>, StartError> {
    serde_json::from_str(&secret.generate(random)).map_err(StartError::aws)
}
