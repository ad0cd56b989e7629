//! Proof Key for Code Exchange (RFC 7636): who redeems a code shows that they asked for it.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;

/// What was sent ahead of a verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    Plain(String),
    S256(String),
}

impl Challenge {
    /// Reads `code_challenge` and `code_challenge_method`; an error says what is wrong.
    pub(super) fn read(
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

    /// Whether the verifier is the one that the challenge was made from.
    pub(super) fn is_met_by(&self, verifier: &str) -> bool {
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

/// 43 to 128 unreserved characters, for verifiers and challenges alike (RFC 7636 4.1, 4.2).
fn is_well_formed(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_standards_own_example_is_met() {
        let challenge = Challenge::read(Some(CHALLENGE), Some("S256")).unwrap().unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(CHALLENGE));
        let plain = Challenge::read(Some(VERIFIER), None).unwrap().unwrap();
        assert!(plain.is_met_by(VERIFIER));
        assert!(!plain.is_met_by(CHALLENGE));
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(Challenge::read(None, None), Ok(None));
        assert!(Challenge::read(None, Some("S256")).is_err());
        assert!(Challenge::read(Some("short"), Some("S256")).is_err());
        assert!(Challenge::read(Some(CHALLENGE), Some("S512")).is_err());
        assert!(Challenge::read(Some(&"a".repeat(129)), Some("S256")).is_err());
    }
}
