//! Mailed codes: six characters that prove that a person reads the mail of an address.
//!
//! One row per purpose and owner (an address or an account) holds the code's MAC and the counters that
//! limit it. Every limit is thus part of the condition of a write.

mod code;
mod issue;
mod limits;
mod verify;

use serde::{Deserialize, Serialize};

pub use code::{CODE_LEN, MailedCode};
pub use issue::{NewCode, issue_code, put_code, record_request, require_resend_allowed};
pub use limits::{CODE_TTL, CODE_WINDOW, MAX_CODES_PER_WINDOW, RESEND_INTERVAL};
pub use limits::{MAX_RESETS_PER_WINDOW, RESET_WINDOW};
pub use verify::{MAX_CODE_ATTEMPTS, VerifiedCode, verify_code};

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::ids::UserId;
use crate::keys;
use crate::secrets::Mac;
use crate::values::{CodePurpose, EmailAddress};

/// Identifies the row of the latest code for a purpose and its owner.
#[derive(Clone, Debug)]
pub struct CodeKey {
    purpose: CodePurpose,
    owner: CodeOwner,
}

/// The owner of a code: the address that it proves, or the account that requested it.
#[derive(Clone, Debug)]
enum CodeOwner {
    Address(EmailAddress),
    User(UserId),
}

impl CodeKey {
    /// Returns the key of a code that is owned by an address. Reading the mail there is the whole proof.
    pub fn for_address(purpose: CodePurpose, address: &EmailAddress) -> Self {
        Self { purpose, owner: CodeOwner::Address(address.clone()) }
    }

    /// Returns the key of a code that is owned by an account, which adds an address with it.
    pub fn for_user(purpose: CodePurpose, user: &UserId) -> Self {
        Self { purpose, owner: CodeOwner::User(user.clone()) }
    }

    /// Returns the table key of the row.
    pub fn key(&self) -> Key {
        keys::mailed_code(self.purpose, self.owner_str())
    }

    fn owner_str(&self) -> &str {
        match &self.owner {
            CodeOwner::Address(address) => address.as_str(),
            CodeOwner::User(user) => user.as_str(),
        }
    }

    fn mac_parts<'a>(&'a self, code: &'a MailedCode) -> [&'a str; 4] {
        ["code", self.purpose.as_str(), self.owner_str(), code.reveal()]
    }
}

/// The latest code for a purpose and owner, or only the record of a request for one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IssuedCode {
    purpose: CodePurpose,
    /// Address that the code was mailed to.
    address: EmailAddress,
    /// Account that owns the code; `None` if the address owns it.
    holder: Option<UserId>,
    /// Account that the code is for; `None` if no code was mailed.
    user_id: Option<UserId>,
    /// MAC of the code, removed when the code is used.
    mac: Option<Mac>,
    tries: u32,
    asked_at: Timestamp,
    expires_at: Timestamp,
    window_started_at: Timestamp,
    issued_in_window: u32,
    /// Counts every change of the row. A replacement requires the revision that was read, so that it
    /// overwrites neither a counted attempt nor the use of the code.
    revision: u64,
}

impl Record for IssuedCode {
    fn key(&self) -> Key {
        self.code_key().key()
    }

    fn expires_at(&self) -> Option<i64> {
        let resend_limit_ends_at = self.asked_at.plus(RESEND_INTERVAL);
        let window_ends_at = self.window_started_at.plus(CODE_WINDOW);
        Some(self.expires_at.max(window_ends_at).max(resend_limit_ends_at).seconds())
    }
}

impl IssuedCode {
    /// Returns whether [`RESEND_INTERVAL`] has passed since the last request.
    pub fn can_resend(&self, now: Timestamp) -> bool {
        now >= self.asked_at.plus(RESEND_INTERVAL)
    }

    /// Returns the address that the code was mailed to.
    pub fn address(&self) -> &EmailAddress {
        &self.address
    }

    /// Returns the time from which the code is no longer valid.
    pub fn valid_until(&self) -> Timestamp {
        self.expires_at
    }

    /// Returns the row without the code: what is stored where no code is mailed looks like the row of a
    /// mailed one.
    #[must_use]
    pub fn without_code(self) -> Self {
        Self { mac: None, user_id: None, ..self }
    }

    /// Returns the row after the code was withdrawn. It still counts for the limits of codes.
    #[must_use]
    pub fn withdrawn(self, now: Timestamp) -> Self {
        let revision = self.revision + 1;
        Self { expires_at: self.expires_at.min(now), revision, ..self.without_code() }
    }

    fn code_key(&self) -> CodeKey {
        match &self.holder {
            Some(user) => CodeKey::for_user(self.purpose, user),
            None => CodeKey::for_address(self.purpose, &self.address),
        }
    }
}
