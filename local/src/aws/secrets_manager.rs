//! The secret: generated at the first start, and put into Secrets Manager at each.

use std::path::Path;

use aws_config::SdkConfig;
use serde_json::Value;
use shared::random::Random;

use crate::StartError;
use crate::data;
use crate::template::Secret;

const NAME: &str = "aius-local";

/// Puts the secret that the file holds into Secrets Manager, and returns its ARN; generates it as the
/// template says where there is none.
pub(crate) async fn put_secret(
    sdk: &SdkConfig,
    secret: &Secret,
    file: Option<&Path>,
    random: &dyn Random,
) -> Result<String, StartError> {
    let text = match file {
        None => secret.generate(random),
        Some(file) => match data::read::<Value>(file).map_err(StartError::Data)? {
            Some(kept) => kept.to_string(),
            None => {
                let text = secret.generate(random);
                let value: Value = serde_json::from_str(&text).map_err(StartError::aws)?;
                data::write(file, &value).map_err(StartError::Data)?;
                text
            }
        },
    };
    let created = aws_sdk_secretsmanager::Client::new(sdk)
        .create_secret()
        .name(NAME)
        .secret_string(text)
        .send()
        .await
        .map_err(StartError::aws)?;
    created.arn.ok_or_else(|| StartError::aws("the secret has no ARN"))
}
