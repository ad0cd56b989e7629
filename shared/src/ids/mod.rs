//! Identifiers: opaque strings with a prefix that says of what.

mod inside;

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};

pub use inside::{ArtifactId, ProjectId, RunId};

use crate::random::Random;

/// The text is no id of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no id of that kind")]
pub struct NotAnId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new id that no other has: 128 random bits.
            pub fn generate(random: &dyn Random) -> Self {
                Self::from_bits(&random.bytes())
            }

            /// Reads an id that came from outside; `None` where it can't be one of ours.
            pub fn parse(text: &str) -> Option<Self> {
                bits(text.strip_prefix($prefix)?).map(|_| Self(text.to_owned()))
            }

            /// The id with those random bits, as [`Self::to_bits`] gave them.
            pub fn from_bits(bits: &[u8; 16]) -> Self {
                Self(format!("{}{}", $prefix, body(bits)))
            }

            /// Its random bits: the shortest that says which id it is.
            pub fn to_bits(&self) -> [u8; 16] {
                // There is no id whose text isn't that of bits.
                self.0.strip_prefix($prefix).and_then(bits).unwrap_or_default()
            }

            /// The id as it is written everywhere.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Self::parse(text).ok_or(NotAnId)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// An id's text behind the prefix.
fn body(bits: &[u8; 16]) -> String {
    BASE32_NOPAD.encode(bits).to_ascii_lowercase()
}

/// What `body` was made from. Any other text would let a caller write into our keys.
fn bits(text: &str) -> Option<[u8; 16]> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let bytes = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok()?;
    bytes.try_into().ok()
}

id!(
    /// A person's account.
    UserId, "usr_"
);
id!(
    /// An organization, called client in the API.
    OrganizationId, "client_"
);
id!(
    /// A signed-in browser or command line.
    SessionId, "ses_"
);
id!(
    /// An invitation to join an organization.
    InvitationId, "inv_"
);
id!(
    /// An entry of the activity log.
    EventId, "evt_"
);
id!(
    /// An entry of a ledger.
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

    proptest! {
        #[test]
        fn only_our_own_form_parses(text in "(usr_|client_)?[a-zA-Z0-9#_/ ]{0,40}") {
            if let Some(id) = UserId::parse(&text) {
                prop_assert!(text.starts_with("usr_") && !text.contains('#'));
                prop_assert_eq!(id.as_str(), text);
            }
        }
    }
}
