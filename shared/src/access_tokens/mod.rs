//! Access tokens: signed statements about a bearer, which other services of the product verify without a call (RFC
//! 9068).

mod audience;
mod claims;
pub mod exchange;
pub mod key_set;
mod signing_key;

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

pub use audience::{Audience, MAX_AUDIENCE_LEN};

use crate::clock::Timestamp;
use crate::tokens::Scope;

/// How long an access token is valid, unless the bearer that it stands for ends earlier. What ends the bearer does not
/// end an access token, so this is also the longest delay of a revocation at other services.
pub const ACCESS_TOKEN_TTL: Duration = Duration::from_secs(5 * 60);

/// An access token and what it allows.
#[derive(Debug)]
pub struct AccessToken {
    /// The signed JWT that the program sends to the other service.
    pub text: AccessTokenText,
    /// When the token expires.
    pub expires_at: Timestamp,
    /// What the token allows.
    pub scopes: Vec<Scope>,
}

/// The signed text of an access token. It grants access, so it is never printed, and is wiped from memory after use.
pub struct AccessTokenText(Zeroizing<String>);

impl AccessTokenText {
    /// Returns the text, for the response.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessTokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessTokenText(…)")
    }
}
