//! Sign-in of command lines and other devices without a browser (RFC 8628).
//!
//! A program asks for two codes. It shows the user code, and asks with the device code until a person has answered.
//! The person types the user code on a page of the dashboard, where they are signed in, and allows or denies the
//! request. The program then gets a personal token.
//!
//! One row holds the request. Its key is a keyed hash of the user code, and it has a hash of the device code. Each
//! step is one conditional write of the row, so that a request is answered once and leads to one token.

pub mod approve;
pub mod deny;
mod device_code;
mod flow_error;
pub mod look_up;
pub mod poll;
mod request_id;
mod request_view;
pub mod start;
mod user_code;

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use device_code::DeviceCode;
pub use flow_error::FlowError;
pub use request_id::RequestId;
pub use request_view::DeviceRequest;
pub use user_code::{USER_CODE_LEN, UserCode};

use crate::clock::Timestamp;
use crate::dynamo::{Condition, Key, Record};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::requester::Requester;
use crate::secrets::Sealed;
use crate::text::truncate;
use crate::tokens::create::TokenLifetime;
use crate::tokens::{Scope, Scopes};
use crate::values::Name;

/// Lifetime of the codes.
pub const DEVICE_CODE_TTL: Duration = Duration::from_secs(10 * 60);

/// Time for which the row of an expired request is kept, so that a program learns that its code has expired.
const EXPIRED_ROW_TTL: Duration = Duration::from_secs(60 * 60);

/// Shortest time between two polls of a program: the default of RFC 8628, 3.2.
pub const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Time by which the interval grows with each poll that comes too early (RFC 8628, 3.5).
pub const POLL_INTERVAL_STEP: Duration = Duration::from_secs(5);

/// Time for which a program that did not receive its token gets the same one again.
pub const COLLECT_AGAIN_TTL: Duration = Duration::from_secs(60);

/// Lifetime in days of the token that a program gets.
pub const DEVICE_TOKEN_DAYS: i64 = 90;

/// Maximum wrong user codes that one account may enter within [`DEVICE_CODE_TTL`].
pub const MAX_WRONG_CODES: u32 = 5;

/// Maximum accounts that may look up one user code. A code that is sent to many people is a trap.
pub const MAX_VIEWERS: usize = 5;

/// Path of the page on which people enter user codes.
pub const VERIFICATION_PATH: &str = "/account/device";

/// Maximum characters of the name of a token.
const MAX_TOKEN_NAME_LEN: usize = 100;

/// A request of a program for a sign-in, as stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct DeviceAuthorization {
    id: RequestId,
    /// Hash of the device code.
    code_hash: String,
    /// What the program calls itself.
    program: Name,
    /// What the program calls the device, if it names it.
    device: Option<Name>,
    /// What the program asks to be allowed, as a list.
    scopes: Scopes,
    /// Where the program asked from.
    requester: Requester,
    requested_at: Timestamp,
    expires_at: Timestamp,
    /// Seconds that the program must wait between two polls.
    interval: u64,
    last_polled_at: Option<Timestamp>,
    /// Accounts that have looked up the user code.
    viewers: BTreeSet<UserId>,
    status: Status,
    /// Present from the approval on.
    approval: Option<Approval>,
    /// Present once the token exists.
    collected: Option<Collected>,
}

/// The status of a request, which only moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// No person has answered the request yet.
    Pending,
    /// A person has denied it.
    Denied,
    /// A person has allowed it, and the program has not fetched its token.
    Approved,
    /// The program has fetched its token.
    Collected,
}

/// The answer of a person who allowed the request.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Approval {
    user_id: UserId,
    /// The scopes that the person allowed.
    scopes: Scopes,
    /// The user's `session_generation` then. The approval ends with the sessions.
    session_generation: u32,
    /// The generation of the user's tokens then. The approval ends with the tokens.
    tokens_generation: u32,
}

/// The token that the program got.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Collected {
    at: Timestamp,
    /// The answer, for a program that did not receive it.
    answer: Sealed,
}

impl Record for DeviceAuthorization {
    fn key(&self) -> Key {
        self.id.key()
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.plus(EXPIRED_ROW_TTL).seconds())
    }
}

impl DeviceAuthorization {
    /// Requires that the request still waits for an answer.
    fn require_waiting(&self, now: Timestamp) -> Result<()> {
        match self.status {
            Status::Denied => Err(Error::DeviceCodeDenied),
            Status::Approved | Status::Collected => Err(Error::DeviceCodeUsed),
            Status::Pending if self.expires_at <= now => Err(Error::DeviceCodeExpired),
            Status::Pending => Ok(()),
        }
    }

    /// Returns the name of the token, from those of the program and the device.
    fn token_name(&self) -> Result<Name> {
        let name = match &self.device {
            Some(device) => format!("{} on {device}", self.program),
            None => self.program.to_string(),
        };
        Name::parse(&truncate(&name, MAX_TOKEN_NAME_LEN))
    }

    /// Returns the associated data of the encrypted answer.
    fn aad(&self) -> String {
        format!("device sign-in {}", self.id.as_str())
    }
}

/// Returns the lifetime of the token that a program gets.
fn token_lifetime() -> Result<TokenLifetime> {
    TokenLifetime::from_days(DEVICE_TOKEN_DAYS)
}

/// Returns the condition that the request has this status.
fn has_status(status: Status) -> Result<Condition> {
    Ok(Condition::equal("status", status)?)
}

/// Parses the scopes of a request or of an approval: a list that is not empty.
fn list_scopes(scopes: &[Scope]) -> Result<Scopes> {
    Scopes::parse(Some(scopes.to_vec()))
}
