//! Sessions of signed-in users. A session has a signed token, usually in a cookie, and a row in the table.
//! The row decides whether the session is valid.

mod authenticate;
mod end_other_sessions;
mod end_session;
mod list_sessions;
mod start_session;
mod token;

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use authenticate::{AuthenticatedSession, authenticate, verify_token};
pub(crate) use authenticate::{reload_user, require_active};
pub use end_other_sessions::end_other_sessions;
pub(crate) use end_other_sessions::move_to_generation;
pub use end_session::end_session;
pub use list_sessions::{SessionView, list_sessions};
pub use start_session::{NewSession, start_session};
pub use token::{SessionToken, VerifiedSessionToken};

use crate::accounts::User;
use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::ids::{SessionId, UserId};
use crate::keys;

/// Maximum lifetime of a session.
pub const SESSION_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Time after which an unused session ends.
pub const SESSION_IDLE_TIMEOUT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Minimum time between two updates of `last_seen_at`, so that most requests do not write.
pub const LAST_SEEN_UPDATE_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// A method that a person signed in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInMethod {
    /// The account's password.
    #[serde(rename = "pwd")]
    Password,
    /// A code that was mailed to the account's address.
    #[serde(rename = "mail")]
    MailedCode,
    /// A Google account.
    #[serde(rename = "google")]
    Google,
    /// A code from the account's authenticator.
    #[serde(rename = "otp")]
    Authenticator,
    /// One of the account's recovery codes.
    #[serde(rename = "recovery")]
    RecoveryCode,
}

impl SignInMethod {
    /// Returns the name that is stored and shown in the API.
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
    /// Id of the session.
    pub id: SessionId,
    /// User of the session.
    pub user_id: UserId,
    /// The user's `session_generation` when the session started, or when it ended the other sessions.
    generation: u32,
    /// Methods of the sign-in, in order.
    pub methods: Vec<SignInMethod>,
    /// Time of the sign-in.
    pub created_at: Timestamp,
    /// Time of the last use, accurate to the hour.
    pub last_seen_at: Timestamp,
    /// Time when the session ends at the latest.
    pub expires_at: Timestamp,
    /// IP address of the sign-in.
    pub ip: IpAddr,
    /// User agent of the sign-in.
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
    /// Whether the session is valid for its user at the given time.
    pub(crate) fn is_active(&self, user: &User, now: Timestamp) -> bool {
        now < self.expires_at
            && now < self.last_seen_at.plus(SESSION_IDLE_TIMEOUT)
            && self.generation == user.session_generation
            && !user.is_past_grace_period(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_names_match_their_stored_form() {
        use SignInMethod::{Authenticator, Google, MailedCode, Password, RecoveryCode};
        for method in [Password, MailedCode, Google, Authenticator, RecoveryCode] {
            assert_eq!(serde_json::to_value(method).unwrap(), method.name());
        }
    }
}
