//! Ids: opaque strings whose prefix names the kind of item.

/// Implements what every id has in common: its text, and parsing text from outside with `parse`.
macro_rules! id_text {
    ($name:ident) => {
        impl $name {
            /// Returns the text of the id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ids::InvalidId;

            fn from_str(text: &str) -> Result<Self, $crate::ids::InvalidId> {
                Self::parse(text).ok_or($crate::ids::InvalidId)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

mod nested;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use nested::{ArtifactId, ProjectId, RunId};

use crate::random::Random;

/// The text is not an id of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Generates a unique id of 128 random bits.
            pub fn generate(random: &dyn Random) -> Self {
                Self::from_bits(&random.bytes())
            }

            /// Parses an id from outside. Returns `None` if it is malformed.
            pub fn parse(text: &str) -> Option<Self> {
                decode_bits(text.strip_prefix($prefix)?).map(|_| Self(text.to_owned()))
            }

            /// Creates the id with the bits of [`Self::to_bits`].
            pub fn from_bits(bits: &[u8; 16]) -> Self {
                Self(format!("{}{}", $prefix, encode_bits(bits)))
            }

            /// Returns the random bits, the shortest form of the id.
            pub fn to_bits(&self) -> [u8; 16] {
                // Every id was encoded from bits.
                self.0.strip_prefix($prefix).and_then(decode_bits).unwrap_or_default()
            }
        }

        id_text!($name);
    };
}

/// Encodes the part of an id behind its prefix.
fn encode_bits(bits: &[u8; 16]) -> String {
    BASE32_NOPAD.encode(bits).to_ascii_lowercase()
}

/// Decodes the text of [`encode_bits`]. Other text is refused, because it could forge a key of the table.
fn decode_bits(text: &str) -> Option<[u8; 16]> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let bytes = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok()?;
    bytes.try_into().ok()
}

id!(
    /// Id of a user.
    UserId, "usr_"
);
id!(
    /// Id of an organization, which the API calls a client.
    OrganizationId, "client_"
);
id!(
    /// Id of a session.
    SessionId, "ses_"
);
id!(
    /// Id of a passkey: the first half of the SHA-256 of its credential id.
    PasskeyId, "psk_"
);
id!(
    /// Id of a ceremony that registers or uses a passkey.
    CeremonyId, "cer_"
);
id!(
    /// Id of an invitation.
    InvitationId, "inv_"
);
id!(
    /// Id of an audit event.
    EventId, "evt_"
);
id!(
    /// Id of a ledger entry.
    TransactionId, "txn_"
);
id!(
    /// Id of a mail in the outbox.
    MailId, "mail_"
);
id!(
    /// Id of a Slack message in the outbox.
    SlackMessageId, "note_"
);

impl UserId {
    /// Returns the id of the organization that is created with the account, so that one round trip reads both. The
    /// organization of an imported account has another id.
    ///
    /// It is the first half of the SHA-256 of the user's id, which therefore does not follow from it: the ledger of an
    /// organization stays after its owner's account was erased.
    pub fn first_organization(&self) -> OrganizationId {
        OrganizationId::from_bits(&hash_bits(self.as_str().as_bytes()))
    }
}

impl PasskeyId {
    /// Returns the id of the passkey with a credential id, which its authenticator chose.
    pub fn of_credential(credential_id: &[u8]) -> Self {
        Self::from_bits(&hash_bits(credential_id))
    }
}

/// Returns the first half of the SHA-256 of `content`.
fn hash_bits(content: &[u8]) -> [u8; 16] {
    let hash = Sha256::digest(content);
    let mut bits = [0; 16];
    bits.copy_from_slice(&hash[..16]);
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    #[test]
    fn a_generated_id_parses() {
        let id = UserId::generate(&SystemRandom);
        assert_eq!(UserId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(UserId::from_bits(&id.to_bits()), id);
        assert_eq!(id.as_str().len(), "usr_".len() + 26);
    }

    #[test]
    fn the_first_organization_follows_from_the_user_and_hides_it() {
        // Stored organizations have such ids, so the hash never changes.
        let user = UserId::from_bits(&[0; 16]);
        assert_eq!(user.first_organization().as_str(), "client_pmesn7zqaur3t4liph7ujqgjgm");
        let [ada, eve] = [(); 2].map(|()| UserId::generate(&SystemRandom));
        assert_ne!(ada.first_organization(), eve.first_organization());
        assert_ne!(ada.first_organization().to_bits(), ada.to_bits());
    }

    proptest! {
        #[test]
        fn only_well_formed_ids_parse(text in "(usr_|client_)?[a-zA-Z0-9#_/ ]{0,40}") {
            if let Some(id) = UserId::parse(&text) {
                prop_assert!(text.starts_with("usr_") && !text.contains('#'));
                prop_assert_eq!(id.as_str(), text);
            }
        }
    }
}
