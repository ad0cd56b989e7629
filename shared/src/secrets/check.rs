//! Checks a new version of a secret before the functions read it.

use super::credentials::{GoogleCredentials, StripeCredentials};
use super::key_set::KeySet;
use super::keyring::{AccountKeys, StorageKeys, parse_session_keys, parse_signing_keys};
use crate::error::Result;

/// A secret of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretName {
    /// Keys of stored values.
    Storage,
    /// The keys that sign session tokens.
    Session,
    /// Keys of what signs users in.
    Account,
    /// Keys of access tokens for other services.
    Signing,
    /// Client id and client secret of the OAuth client at Google.
    Google,
    /// API key and webhook secrets of the account at Stripe.
    Stripe,
}

/// What a new version of a secret changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretChange {
    /// The change, without any secret.
    pub text: String,
    /// Whether the version must not be put in force.
    pub is_problem: bool,
}

impl SecretName {
    /// All secrets with their names on a command line.
    pub const ALL: [(&'static str, Self); 6] = [
        ("storage", Self::Storage),
        ("session", Self::Session),
        ("account", Self::Account),
        ("signing", Self::Signing),
        ("google", Self::Google),
        ("stripe", Self::Stripe),
    ];

    /// Returns the secret with a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(other, _)| *other == name).map(|(_, secret)| secret)
    }
}

/// Parses a new version of a secret as the functions do, and compares it with the one in force.
///
/// # Errors
/// An internal error if a version is invalid. It never quotes it.
pub fn check_secret(name: SecretName, new: &str, present: &str) -> Result<Vec<SecretChange>> {
    let lists = |document: &str| -> Result<Option<Vec<KeyList>>> {
        Ok(match name {
            SecretName::Storage => Some(storage_lists(&StorageKeys::parse(document)?)),
            SecretName::Session => {
                Some(vec![KeyList::replaceable("session_keys", parse_session_keys(document)?)])
            }
            SecretName::Signing => {
                Some(vec![KeyList::replaceable("signing_keys", parse_signing_keys(document)?)])
            }
            SecretName::Account => {
                let keys = AccountKeys::parse(document)?;
                let peppers = KeyList::kept("peppers", keys.peppers().clone());
                let encryption = KeyList::kept("encryption_keys", keys.storage.encryption);
                Some(vec![encryption, peppers])
            }
            SecretName::Google | SecretName::Stripe => None,
        })
    };
    if let (Some(new), Some(present)) = (lists(new)?, lists(present)?) {
        let pairs = present.iter().zip(&new);
        return Ok(pairs.flat_map(|(present, new)| present.changes_to(new)).collect());
    }
    let has_credentials = |document: &str| -> Result<bool> {
        if name == SecretName::Stripe {
            return Ok(StripeCredentials::parse(document)?.is_some());
        }
        Ok(GoogleCredentials::parse(document)?.is_some())
    };
    let text = match (has_credentials(present)?, has_credentials(new)?) {
        (true, false) => "removes the credentials",
        (false, true) => "adds credentials",
        (true, true) | (false, false) => "",
    };
    let change = || SecretChange { text: text.to_owned(), is_problem: text.starts_with("removes") };
    Ok(if text.is_empty() { Vec::new() } else { vec![change()] })
}

fn storage_lists(keys: &StorageKeys) -> Vec<KeyList> {
    let encryption = KeyList::kept("encryption_keys", keys.encryption.clone());
    vec![encryption, KeyList::kept("mac_keys", keys.macs.clone())]
}

/// A list of keys in a version of a secret.
struct KeyList {
    name: &'static str,
    keys: KeySet,
    /// Whether what was made with a key ends soon, so that the key can be removed.
    is_replaceable: bool,
}

impl KeyList {
    fn replaceable(name: &'static str, keys: KeySet) -> Self {
        Self { name, keys, is_replaceable: true }
    }

    fn kept(name: &'static str, keys: KeySet) -> Self {
        Self { name, keys, is_replaceable: false }
    }

    /// Lists what a new version of the list changes.
    fn changes_to(&self, new: &Self) -> Vec<SecretChange> {
        let mut changes = Vec::new();
        let mut add = |is_problem, kid: &str, text: &str| {
            let text = format!("{}: {kid} {text}", self.name);
            changes.push(SecretChange { text, is_problem });
        };
        for key in self.keys.all() {
            let kid = key.kid().as_str();
            match new.keys.find(kid) {
                Some(same) if same.bytes() == key.bytes() => {}
                Some(_) => add(true, kid, "has another secret; a kid is never used for two keys"),
                None if self.is_replaceable => {
                    add(false, kid, "is removed; what it signed is refused from then on");
                }
                None => add(true, kid, "is removed; what it made cannot be read any more"),
            }
        }
        let mut seen = Vec::new();
        for key in new.keys.all() {
            let kid = key.kid().as_str();
            if seen.contains(&kid) {
                add(true, kid, "is there twice");
            } else if self.keys.find(kid).is_none() {
                add(false, kid, "is added");
            }
            seen.push(kid);
        }
        let (before, after) = (self.keys.active().kid(), new.keys.active().kid());
        if before != after {
            let is_unknown = self.keys.find(after.as_str()).is_none();
            let text = if is_unknown {
                "becomes active before all functions know it; add it at the end first"
            } else {
                "becomes active"
            };
            add(is_unknown, after.as_str(), text);
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &str = r#""seed":"0123456789abcdef0123456789abcdef""#;
    const NEW: &str = r#"{"kid":"2026-12","secret":"fedcba9876543210fedcba9876543210"}"#;
    const SEED_KEY: &str = r#"{"kid":"seed"}"#;

    fn version(list: &str, keys: &[&str]) -> String {
        format!(r#"{{{SEED},"{list}":[{}]}}"#, keys.join(","))
    }

    fn check(name: SecretName, new: &str, present: &str) -> (Vec<String>, usize) {
        let changes = check_secret(name, new, present).unwrap();
        let problems = changes.iter().filter(|change| change.is_problem).count();
        (changes.into_iter().map(|change| change.text).collect(), problems)
    }

    #[test]
    fn a_rotation_by_the_steps_is_no_problem() {
        let versions = [
            format!("{{{SEED}}}"),
            version("session_keys", &[SEED_KEY, NEW]),
            version("session_keys", &[NEW, SEED_KEY]),
            version("session_keys", &[NEW]),
        ];
        let texts = [
            "session_keys: 2026-12 is added",
            "session_keys: 2026-12 becomes active",
            "session_keys: seed is removed; what it signed is refused from then on",
        ];
        for (pair, text) in versions.windows(2).zip(texts) {
            let changes = check(SecretName::Session, &pair[1], &pair[0]);
            assert_eq!(changes, (vec![text.to_owned()], 0));
        }
    }

    #[test]
    fn steps_that_lose_something_are_problems() {
        let present = version("peppers", &[SEED_KEY, NEW]);
        for (new, text) in [
            (version("peppers", &[SEED_KEY]), "2026-12 is removed"),
            (present.replace("fedcba98", "00000000"), "has another secret"),
            (present.replace("0123456789abcdef0123", "11111111111111111111"), "has another secret"),
            (version("peppers", &[SEED_KEY, NEW, SEED_KEY]), "is there twice"),
        ] {
            let (texts, problems) = check(SecretName::Account, &new, &present);
            assert!(problems > 0 && texts.iter().any(|found| found.contains(text)), "{texts:?}");
        }
        let first = version("signing_keys", &[NEW, SEED_KEY]);
        let (texts, problems) = check(SecretName::Signing, &first, &format!("{{{SEED}}}"));
        assert_eq!(problems, 1, "{texts:?}");
    }

    #[test]
    fn invalid_versions_are_refused_and_never_quoted() {
        let seed = format!("{{{SEED}}}");
        let keys =
            [SecretName::Storage, SecretName::Session, SecretName::Account, SecretName::Signing];
        let of_keys =
            ["", "secret but", "{}", r#"{"seed":"secret but"}"#].map(|new| (&keys[..], new));
        let others = [
            (&[SecretName::Google][..], r#"{"client_id":"secret but"}"#),
            (&[SecretName::Stripe][..], r#"{"secret_key":"secret but"}"#),
            (&[SecretName::Google, SecretName::Stripe][..], "secret but"),
        ];
        for (names, new) in of_keys.into_iter().chain(others) {
            for name in names {
                let present = if keys.contains(name) { seed.as_str() } else { "{}" };
                let error = check_secret(*name, new, present).unwrap_err();
                assert!(!format!("{error:?}").contains("secret but"), "{name:?}");
            }
        }
        for (name, secret) in SecretName::ALL {
            assert_eq!(SecretName::parse(name), Some(secret));
        }
    }

    #[test]
    fn credentials_are_compared() {
        let stripe = r#"{"secret_key":"sk_test_x","webhook_secrets":["whsec_0123456789"]}"#;
        assert_eq!(
            check(SecretName::Stripe, stripe, "{}"),
            (vec!["adds credentials".to_owned()], 0)
        );
        assert_eq!(check(SecretName::Stripe, stripe, stripe), (vec![], 0));
        assert_eq!(check(SecretName::Stripe, "{}", stripe).1, 1);
    }
}
