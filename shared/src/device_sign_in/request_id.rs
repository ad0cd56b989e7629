//! The id of a request for a sign-in.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::UserCode;
use crate::dynamo::Key;
use crate::keys;
use crate::secrets::Keyring;

/// Number of bytes in an id.
const ID_BYTES: usize = 16;

/// The id of a request: the pseudonym of its user code, a keyed hash of 128 bits. So the code finds the row, and the
/// table does not show the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(String);

impl RequestId {
    /// Parses an id from a request. Returns `None` if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (bytes.len() == ID_BYTES).then(|| Self(text.to_owned()))
    }

    /// Returns the id of a new request with a user code.
    pub(super) fn of_code(keyring: &Keyring, code: &UserCode) -> Self {
        Self(keyring.pseudonym(&parts(code)))
    }

    /// Returns the ids that a request with a user code may have, one for each known key.
    pub(super) fn candidates(keyring: &Keyring, code: &UserCode) -> Vec<Self> {
        keyring.pseudonyms(&parts(code)).into_iter().map(Self).collect()
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the key of the request's row.
    pub(super) fn key(&self) -> Key {
        keys::device_authorization(&self.0)
    }
}

fn parts(code: &UserCode) -> [&str; 2] {
    ["device-user-code", code.letters()]
}
