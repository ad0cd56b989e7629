//! The PHC string format: `$<name>[$v=<version>][$<parameter>=<value>,…]$<salt>$<hash>`.
//! <https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md>

use std::str::FromStr;

use data_encoding::BASE64_NOPAD;

use super::unusable_hash::UnusableHash;

/// The shortest hash that is imported, in bytes. A shorter one has too many passwords.
const MIN_HASH_LEN: usize = 16;

/// The longest hash and salt that are imported, in bytes. Common systems use 16 to 64.
const MAX_LEN: usize = 64;

/// The parts of a hash in the PHC string format.
pub(super) struct EncodedHash {
    /// The version of the algorithm.
    pub(super) version: Option<u32>,
    parameters: Vec<(String, String)>,
    pub(super) salt: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

impl EncodedHash {
    /// Parses a hash of an algorithm without versions, whose parameters must be among `known`: one that is ignored
    /// would change the hash.
    ///
    /// # Errors
    /// [`UnusableHash::Unsupported`] if the hash has a version; otherwise those of [`EncodedHash::parse_versioned`].
    pub(super) fn parse(text: &str, known: &[&str]) -> Result<Self, UnusableHash> {
        let hash = Self::parse_versioned(text, known)?;
        if hash.version.is_some() { Err(UnusableHash::Unsupported) } else { Ok(hash) }
    }

    /// Parses a hash that may have a version, whose parameters must be among `known`.
    ///
    /// # Errors
    /// - [`UnusableHash::Unsupported`] if a parameter is not among `known`.
    /// - [`UnusableHash::Malformed`] if the text is not in the format, has a parameter twice, or if the hash or the
    ///   salt has a length that is not allowed.
    pub(super) fn parse_versioned(text: &str, known: &[&str]) -> Result<Self, UnusableHash> {
        let mut fields: Vec<&str> = text.split('$').skip(2).collect();
        let (Some(hash), Some(salt)) = (fields.pop(), fields.pop()) else {
            return Err(UnusableHash::Malformed);
        };
        let mut fields = fields.into_iter().peekable();
        let version = fields.next_if(|field| field.starts_with("v="));
        let version = version.map(|field| field[2..].parse()).transpose();
        let version = version.map_err(|_| UnusableHash::Malformed)?;
        let mut parameters: Vec<(String, String)> = Vec::new();
        for parameter in fields.next().into_iter().flat_map(|list| list.split(',')) {
            let (name, value) = parameter.split_once('=').ok_or(UnusableHash::Malformed)?;
            if parameters.iter().any(|(other, _)| other == name) {
                return Err(UnusableHash::Malformed);
            }
            if !known.contains(&name) {
                return Err(UnusableHash::Unsupported);
            }
            parameters.push((name.to_owned(), value.to_owned()));
        }
        if fields.next().is_some() {
            return Err(UnusableHash::Malformed);
        }
        let (salt, hash) = (decode(salt)?, decode(hash)?);
        if !(MIN_HASH_LEN..=MAX_LEN).contains(&hash.len()) || salt.len() > MAX_LEN {
            return Err(UnusableHash::Malformed);
        }
        Ok(Self { version, parameters, salt, hash })
    }

    /// Returns the text of a parameter; `None` if there is no such parameter.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Returns a parameter that is a number.
    ///
    /// # Errors
    /// [`UnusableHash::Malformed`] if the parameter is absent or no number of this type.
    pub(super) fn number<N: FromStr>(&self, name: &str) -> Result<N, UnusableHash> {
        self.text(name).and_then(|value| value.parse().ok()).ok_or(UnusableHash::Malformed)
    }
}

/// Decodes base64 in the usual or the URL-safe alphabet, with or without padding.
///
/// # Errors
/// [`UnusableHash::Malformed`] if the text is not base64.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, UnusableHash> {
    let text = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    BASE64_NOPAD.decode(text.as_bytes()).map_err(|_| UnusableHash::Malformed)
}
