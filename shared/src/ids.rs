//! Identifiers: opaque strings with a prefix that says of what.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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
                Self(format!("{}{}", $prefix, random.identifier()))
            }

            /// Reads an id that came from outside; `None` where it can't be one of ours.
            pub fn parse(text: &str) -> Option<Self> {
                is_body(text.strip_prefix($prefix)?).then(|| Self(text.to_owned()))
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

/// What [`Random::identifier`] makes; anything else would let a caller write into our keys.
fn is_body(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
}

id!(
    /// A person's account.
    UserId, "usr_"
);
id!(
    /// An organization, called client in the API.
    ClientId, "client_"
);
id!(
    /// A signed-in browser or command line.
    SessionId, "ses_"
);
id!(
    /// An entry of the activity log.
    EventId, "evt_"
);
id!(
    /// A mail that waits to be sent.
    MailId, "mail_"
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    #[test]
    fn a_generated_id_parses() {
        let id = UserId::generate(&SystemRandom);
        assert_eq!(UserId::parse(id.as_str()), Some(id));
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
