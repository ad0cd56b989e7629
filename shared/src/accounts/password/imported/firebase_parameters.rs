//! The hashes of an export from Firebase, whose parameters stand apart from them.

use data_encoding::BASE64_NOPAD;
use serde::Deserialize;

use super::ImportedHash;
use super::encoded_hash::decode;
use super::firebase::NAME;
use super::unusable_hash::UnusableHash;

/// The parameters of a Firebase project, under the names of its console (*Authentication, Users, Password hash
/// parameters*).
#[derive(Deserialize)]
pub struct FirebaseParameters {
    base64_signer_key: String,
    #[serde(default)]
    base64_salt_separator: String,
    rounds: u32,
    mem_cost: u8,
}

impl FirebaseParameters {
    /// Makes the hash of an exported user, of its `passwordHash` and `salt`.
    ///
    /// # Errors
    /// [`UnusableHash`] if a part is malformed, or the parameters are beyond the limits.
    pub fn hash(&self, hash: &str, salt: &str) -> std::result::Result<ImportedHash, UnusableHash> {
        let bare = |text: &str| decode(text).map(|bytes| BASE64_NOPAD.encode(&bytes));
        let (separator, key) = (bare(&self.base64_salt_separator)?, bare(&self.base64_signer_key)?);
        let (ln, r, salt, hash) = (self.mem_cost, self.rounds, bare(salt)?, bare(hash)?);
        ImportedHash::parse(&format!(
            "${NAME}$ln={ln},r={r},sep={separator},key={key}${salt}${hash}"
        ))
    }
}
