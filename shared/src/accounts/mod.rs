//! Accounts: a person, how they prove who they are, and what they are called.

pub mod ask_for_code;
pub mod change_password;
mod email;
mod name;
pub mod password;
pub mod profile;
pub mod register;
pub mod reset_password;
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
use profile::{Line, Phone, Timezone};

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
    /// How it was registered, until its address is proven.
    pub pending: Option<Pending>,
    /// Counts up to end all sessions at once: a session holds the value it began with, and ends
    /// when the two part. The session that ends the others is moved along.
    pub session_generation: u32,
    /// The client that was made with the account.
    pub default_client_id: ClientId,
    /// For the person's own use.
    pub phone: Option<Phone>,
    /// For the person's own use.
    pub timezone: Option<Timezone>,
    /// For the person's own use.
    pub company: Option<Line>,
    /// For the person's own use.
    pub job_title: Option<Line>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Counts every change: whoever decides on what was read makes this part of the condition.
    pub version: u64,
}

/// What is known of an account that nobody has proven to be theirs.
///
/// Two people may register one address, its owner and somebody else, and the code that is mailed
/// proves who reads the mail, not whose password the account has. So where registrations came from
/// several networks, and the code is entered from another than the last of them, the password is
/// dropped: the owner is in, and sets one; whoever else registered is not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// Where the last registration came from, as a pseudonym.
    pub network: String,
    /// Whether there were registrations from elsewhere.
    pub contested: bool,
}

impl User {
    /// Whether the password is still the one that `before` had: what was proven of that then.
    fn has_password_of(&self, before: &Self) -> bool {
        let stored =
            |user: &'_ Self| user.password_hash.as_ref().map(|hash| hash.as_str().to_owned());
        stored(self) == stored(before)
    }
}

impl Record for User {
    fn key(&self) -> Key {
        keys::user(&self.id)
    }
}
