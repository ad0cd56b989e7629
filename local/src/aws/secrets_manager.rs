//! The secret: generated at the first start, and put into Secrets Manager at each.
//!
//! To what the template generates it adds `"google":{"client_id","client_secret"}`, which an operator
//! adds by hand in the cloud.

use std::path::Path;

use aws_config::SdkConfig;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::random::Random;

use crate::StartError;
use crate::data;
use crate::google::Credentials;
use crate::template::Secret;

const NAME: &str = "aius-local";

const GOOGLE: &str = "google";

/// Puts the secret that the file holds into Secrets Manager, and returns its ARN with the client's
/// credentials at Google that are in it: `given`, or else the file's. Generates what the file lacks.
pub(crate) async fn put_secret(
    sdk: &SdkConfig,
    secret: &Secret,
    file: Option<&Path>,
    given: Option<Credentials>,
    random: &dyn Random,
) -> Result<(String, Credentials), StartError> {
    let kept = match file {
        None => None,
        Some(file) => data::read::<Map<String, Value>>(file).map_err(StartError::Data)?,
    };
    let mut document = kept.clone().map_or_else(|| generate(secret, random), Ok)?;
    // One that was kept by a build without Google has none.
    document.entry(GOOGLE).or_insert_with(|| json!(Credentials::generate(random)));
    if let Some(file) = file
        && kept.as_ref() != Some(&document)
    {
        data::write(file, &document).map_err(StartError::Data)?;
    }
    if let Some(given) = given {
        document.insert(GOOGLE.to_owned(), json!(given));
    }
    let credentials = Credentials::deserialize(&document[GOOGLE]).map_err(StartError::aws)?;
    let created = aws_sdk_secretsmanager::Client::new(sdk)
        .create_secret()
        .name(NAME)
        .secret_string(Value::Object(document).to_string())
        .send()
        .await
        .map_err(StartError::aws)?;
    let arn = created.arn.ok_or_else(|| StartError::aws("the secret has no ARN"))?;
    Ok((arn, credentials))
}

fn generate(secret: &Secret, random: &dyn Random) -> Result<Map<String, Value>, StartError> {
    serde_json::from_str(&secret.generate(random)).map_err(StartError::aws)
}
