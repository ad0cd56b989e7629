//! Proof Key for Code Exchange (RFC 7636): proves that the client that redeems a code requested it.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;

/// The code challenge of an authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CodeChallenge {
    /// The challenge is the verifier itself (the method `plain`).
    Plain(String),
    /// The SHA-256 hash of the verifier, in base64url without padding.
    S256(String),
}

impl CodeChallenge {
    /// Parses `code_challenge` and `code_challenge_method`.
    ///
    /// # Errors
    /// Fails with a description if one of them is invalid, or if there is a method without a challenge.
    pub(crate) fn parse(
        challenge: Option<&str>,
        method: Option<&str>,
    ) -> Result<Option<Self>, &'static str> {
        let Some(challenge) = challenge else {
            return match method {
                None => Ok(None),
                Some(_) => Err("Missing required parameter: code_challenge"),
            };
        };
        if !is_well_formed(challenge) {
            return Err("Invalid parameter value for code_challenge");
        }
        match method {
            Some("S256") => Ok(Some(Self::S256(challenge.to_owned()))),
            None | Some("plain") => Ok(Some(Self::Plain(challenge.to_owned()))),
            Some(_) => Err("Invalid parameter value for code_challenge_method"),
        }
    }

    /// Returns whether the challenge was derived from this verifier.
    pub(crate) fn has_verifier(&self, verifier: &str) -> bool {
        is_well_formed(verifier)
            && match self {
                Self::Plain(challenge) => challenge == verifier,
                Self::S256(challenge) => {
                    let hash = digest(&SHA256, verifier.as_bytes());
                    *challenge == BASE64URL_NOPAD.encode(hash.as_ref())
                }
            }
    }
}

/// Returns whether a verifier or challenge consists of 43 to 128 unreserved characters (RFC 7636,
/// sections 4.1 and 4.2).
fn is_well_formed(text: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(is_unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn challenges_match_the_example_of_the_standard() {
        let challenge = CodeChallenge::parse(Some(CHALLENGE), Some("S256")).unwrap().unwrap();
        assert!(challenge.has_verifier(VERIFIER));
        assert!(!challenge.has_verifier(CHALLENGE));
        let plain = CodeChallenge::parse(Some(VERIFIER), None).unwrap().unwrap();
        assert!(plain.has_verifier(VERIFIER));
        assert!(!plain.has_verifier(CHALLENGE));
    }

    #[test]
    fn malformed_challenges_are_refused() {
        assert_eq!(CodeChallenge::parse(None, None), Ok(None));
        assert!(CodeChallenge::parse(None, Some("S256")).is_err());
        assert!(CodeChallenge::parse(Some("short"), Some("S256")).is_err());
        assert!(CodeChallenge::parse(Some(CHALLENGE), Some("S512")).is_err());
        assert!(CodeChallenge::parse(Some(&"a".repeat(129)), Some("S256")).is_err());
    }
}
