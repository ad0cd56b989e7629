//! Accounts: a person, how they prove who they are, and what they are called.

mod email;
mod name;
pub mod password;
pub mod register;
pub mod resend_code;
pub mod sign_in;
mod sign_in_failures;
mod store;
pub mod verify_email;
mod view;

use serde::{Deserialize, Serialize};

pub use email::EmailAddress;
pub use name::Name;
pub use store::{EmailGuard, find_by_email};
pub use view::UserView;

use crate::clock::Timestamp;
use crate::dynamo::{Key, Record, keys};
use crate::ids::{ClientId, UserId};
use password::PasswordHash;

/// Who vouches for a user's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The service itself, with a mailed code.
    Email,
}

/// A person's account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The address that signs in and gets the mail.
    pub email: EmailAddress,
    /// What the person is called.
    pub name: Name,
    /// Whether the address is proven.
    pub email_verified: bool,
    /// The password, unless the person has none.
    pub password_hash: Option<PasswordHash>,
    /// Counts up to end all sessions at once: a session holds the value it began with, and ends
    /// when the two part.
    pub session_generation: u32,
    /// The client that was made with the account.
    pub default_client_id: ClientId,
    /// For the person's own use.
    pub phone: Option<String>,
    /// IANA name of a time zone.
    pub timezone: Option<String>,
    /// For the person's own use.
    pub company: Option<String>,
    /// For the person's own use.
    pub job_title: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Counts every change: whoever decides on what was read makes this part of the condition.
    pub version: u64,
}

impl Record for User {
    fn key(&self) -> Key {
        keys::user(&self.id)
    }
}
