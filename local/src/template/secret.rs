//! The secret of the template, which AWS generates at the first deployment.

use serde::Deserialize;
use serde_json::{Map, Value};
use shared::random::Random;

use super::read;

/// Settings for generating the secret.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
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

impl Secret {
    pub(super) fn read(properties: &Value) -> Result<Self, String> {
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
    pub(crate) fn generate(&self, random: &dyn Random) -> String {
        let mut secret = self.template.clone();
        secret.insert(self.key.clone(), alphanumerics(random, self.length).into());
        Value::Object(secret).to_string()
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
        let secret = Secret::read(&json!({"GenerateSecretString": {
            "SecretStringTemplate": r#"{"version":1}"#, "GenerateStringKey": "seed",
            "PasswordLength": 64, "ExcludePunctuation": true}}))
        .unwrap();
        let one: Value = serde_json::from_str(&secret.generate(&SystemRandom)).unwrap();
        assert_eq!(one["version"], 1);
        let seed = one["seed"].as_str().unwrap();
        assert_eq!(seed.len(), 64);
        assert!(seed.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(secret.generate(&SystemRandom), secret.generate(&SystemRandom));
    }
}
