//! Feature switches: an operator can switch a feature off, for instance while a provider is down or is being abused.
//! All switches are one item. A process caches it for [`SWITCHES_TTL`], and reads it beside other items.

mod cached;
mod stored;

use serde::{Deserialize, Serialize};

pub use cached::{SWITCHES_TTL, Switches};
pub use stored::{StoredSwitches, SwitchedOff};

/// A feature that can be switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// New accounts, with a password or with Google.
    SignUp,
    /// Debits of credits by programs.
    Debits,
    /// Sending mail. Mail waits in the outbox until it is on again.
    Mail,
    /// Signing in with Google, and connecting Google accounts.
    Google,
    /// Registering and using passkeys.
    Passkeys,
}

impl Feature {
    /// Every feature that operators can switch off.
    pub const ALL: [Self; 5] =
        [Self::SignUp, Self::Debits, Self::Mail, Self::Google, Self::Passkeys];

    /// Returns the feature's name for people, at the beginning of a sentence.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SignUp => "Sign-up",
            Self::Debits => "Spending credits",
            Self::Mail => "Mail",
            Self::Google => "Sign-in with Google",
            Self::Passkeys => "Use of passkeys",
        }
    }
}
