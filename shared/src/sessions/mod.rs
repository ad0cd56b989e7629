//! Sessions: signed-in browsers and command lines. A session is a signed token in a cookie and a
//! row in the table; the row decides.

mod authenticate;
mod end;
mod end_others;
mod list;
mod start;
mod token;

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use authenticate::{Authenticated, authenticate, named};
pub(crate) use authenticate::{alive, read_again};
pub use end::end;
pub use end_others::end_others;
pub(crate) use end_others::keep;
pub use list::{SessionView, list};
pub use start::{Started, start};
pub use token::{Named, SessionToken};

use crate::accounts::User;
use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::ids::{SessionId, UserId};
use crate::keys;

/// How long a session can last.
pub const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long it lasts without being used.
pub const IDLE_LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How exactly the last use is noted: checking a session is a read, and at most once an hour a
/// write.
pub const NOTED_EVERY: Duration = Duration::from_secs(60 * 60);

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// With the account's password.
    #[serde(rename = "pwd")]
    Password,
    /// With a code mailed to the account's address.
    #[serde(rename = "mail")]
    MailedCode,
    /// At Google.
    #[serde(rename = "google")]
    Google,
    /// With a code of the account's authenticator.
    #[serde(rename = "otp")]
    Authenticator,
    /// With one of the account's recovery codes.
    #[serde(rename = "recovery")]
    RecoveryCode,
}

impl Method {
    /// As it is written everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::MailedCode => "mail",
            Self::Google => "google",
            Self::Authenticator => "otp",
            Self::RecoveryCode => "recovery",
        }
    }
}

/// A session as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// The user's `session_generation` when it began, or when it ended the user's other sessions.
    generation: u32,
    /// How its user signed in.
    pub methods: Vec<Method>,
    /// When its user signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// From where it began.
    pub ip: IpAddr,
    /// With what it began.
    pub user_agent: String,
}

impl Record for Session {
    fn key(&self) -> Key {
        keys::session(&self.user_id, &self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl Session {
    /// Whether it still counts for that user at that moment.
    pub(crate) fn is_alive(&self, user: &User, now: Timestamp) -> bool {
        now < self.expires_at
            && now < self.last_seen_at.plus(IDLE_LIFETIME)
            && self.generation == user.session_generation
            && !user.is_over(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_called_as_they_are_stored() {
        use Method::{Authenticator, Google, MailedCode, Password, RecoveryCode};
        for method in [Password, MailedCode, Google, Authenticator, RecoveryCode] {
            assert_eq!(serde_json::to_value(method).unwrap(), method.name());
        }
    }
}
