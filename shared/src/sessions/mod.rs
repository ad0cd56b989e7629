//! Sessions of signed-in users. A session has a signed token, usually in a cookie, and a row in the table.
//! The row decides whether the session is valid.

mod authenticate;
mod end_other_sessions;
mod end_session;
mod lifetime;
mod list_sessions;
mod recent_proof;
mod start_session;
mod token;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

pub use authenticate::{AuthenticatedSession, authenticate, verify_token};
pub(crate) use authenticate::{reload_user, require_active};
pub use end_other_sessions::end_other_sessions;
pub(crate) use end_other_sessions::move_to_generation;
pub use end_session::end_session;
pub use lifetime::{LAST_SEEN_UPDATE_INTERVAL, SESSION_IDLE_TIMEOUT, SESSION_TTL};
pub use list_sessions::{SessionView, list_sessions};
pub use recent_proof::RECENT_PROOF_TTL;
pub(crate) use recent_proof::renew_proof;
pub use start_session::{NewSession, start_session};
pub use token::{SessionToken, VerifiedSessionToken};

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::ids::{SessionId, UserId};
use crate::keys;

/// A method that a person signed in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInMethod {
    /// The person typed the password of the account.
    #[serde(rename = "pwd")]
    Password,
    /// A code that was mailed to the account's address.
    #[serde(rename = "mail")]
    MailedCode,
    /// Google confirmed who the person is.
    #[serde(rename = "google")]
    Google,
    /// A code from the account's authenticator.
    #[serde(rename = "otp")]
    Authenticator,
    /// One of the account's recovery codes.
    #[serde(rename = "recovery")]
    RecoveryCode,
    /// One of the account's passkeys, which counts as both factors.
    #[serde(rename = "passkey")]
    Passkey,
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
            Self::Passkey => "passkey",
        }
    }
}

/// A session as stored. Signing in starts it, its token names this row, and every request checks the row.
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
    /// Time at which the user last reauthenticated in the session. `None` before the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reauthenticated_at: Option<Timestamp>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_names_match_their_stored_form() {
        use SignInMethod::{Authenticator, Google, MailedCode, Passkey, Password, RecoveryCode};
        for method in [Password, MailedCode, Google, Authenticator, RecoveryCode, Passkey] {
            assert_eq!(serde_json::to_value(method).unwrap(), method.name());
        }
    }
}
