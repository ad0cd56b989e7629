//! The secrets of the template that AWS generates at the first deployment.

use serde::Deserialize;
use serde_json::{Map, Value};
use shared::random::Random;

use super::read::read;

/// Settings for generating a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GeneratedSecret {
    template: Map<String, Value>,
    key: String,
    length: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    generate_secret_string: GenerateSecretString,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GenerateSecretString {
    secret_string_template: String,
    generate_string_key: String,
    password_length: usize,
    exclude_punctuation: bool,
}

impl GeneratedSecret {
    /// Reads the settings of the template's generated secrets, which are all alike.
    ///
    /// # Errors
    /// A message if there is none, or if the settings differ or are not supported.
    pub(super) fn read_common<'v>(
        secrets: impl Iterator<Item = &'v Value>,
    ) -> Result<Self, String> {
        let generated = secrets.filter(|properties| !properties["GenerateSecretString"].is_null());
        let settings = generated.map(Self::read).collect::<Result<Vec<_>, _>>()?;
        let first = settings.first().cloned().ok_or("no generated secret")?;
        if settings.iter().any(|other| *other != first) {
            return Err("the local stack generates all secrets alike".to_owned());
        }
        Ok(first)
    }

    fn read(properties: &Value) -> Result<Self, String> {
        let Properties { generate_secret_string: generate } =
            read("the secret", properties.clone())?;
        if !generate.exclude_punctuation {
            return Err("the secret: the local stack generates only letters and digits; set ExcludePunctuation".to_owned());
        }
        let template = serde_json::from_str(&generate.secret_string_template)
            .map_err(|error| format!("the secret's template: {error}"))?;
        Ok(Self { template, key: generate.generate_string_key, length: generate.password_length })
    }

    /// Generates a secret as AWS does: the template with an additional field of random letters and digits.
    pub(crate) fn generate(&self, random: &dyn Random) -> Value {
        let mut secret = self.template.clone();
        secret.insert(self.key.clone(), alphanumerics(random, self.length).into());
        Value::Object(secret)
    }
}

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn alphanumerics(random: &dyn Random, length: usize) -> String {
    // Bytes from 248 (4 times 62) on are skipped, because they would make the first letters more likely.
    std::iter::repeat_with(|| usize::from(random.bytes::<1>()[0]))
        .filter(|byte| *byte < 4 * ALPHABET.len())
        .map(|byte| char::from(ALPHABET[byte % ALPHABET.len()]))
        .take(length)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use shared::random::SystemRandom;

    #[test]
    fn a_generated_secret_follows_the_template() {
        let secret = GeneratedSecret::read(&json!({"GenerateSecretString": {
            "SecretStringTemplate": r#"{"version":1}"#, "GenerateStringKey": "seed",
            "PasswordLength": 64, "ExcludePunctuation": true}}))
        .unwrap();
        let one = secret.generate(&SystemRandom);
        assert_eq!(one["version"], 1);
        let seed = one["seed"].as_str().unwrap();
        assert_eq!(seed.len(), 64);
        assert!(seed.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(secret.generate(&SystemRandom), secret.generate(&SystemRandom));
    }
}
