//! Session tokens: JSON Web Tokens (RFC 7519), signed with HS256, with the name of the key in `kid`.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Session, SignInMethod};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::ids::{SessionId, UserId};
use crate::secrets::{KeySet, Keyring};

/// Maximum bytes of a token that is parsed. Our own tokens are shorter.
const MAX_TOKEN_LEN: usize = 2048;

/// A signed session token. It grants access to the account, so it is never printed, and wiped from memory
/// after use.
pub struct SessionToken(Zeroizing<String>);

#[derive(Deserialize, Serialize)]
struct Claims {
    sub: String,
    sid: String,
    iat: Timestamp,
    exp: Timestamp,
    auth_time: Timestamp,
    amr: Vec<SignInMethod>,
}

/// The user and the session from a token whose signature is valid and that has not expired.
#[derive(Debug)]
pub struct VerifiedSessionToken {
    /// Id of the user, from the claim `sub`.
    pub user: UserId,
    /// Id of the session, from the claim `sid`.
    pub session: SessionId,
}

impl SessionToken {
    /// Signs a token for a session.
    pub(crate) fn sign(keyring: &Keyring, session: &Session) -> Result<Self> {
        let key = keyring.session_keys()?.active();
        let claims = Claims {
            sub: session.user_id.to_string(),
            sid: session.id.to_string(),
            iat: session.created_at,
            exp: session.expires_at,
            auth_time: session.auth_time(),
            amr: session.methods.clone(),
        };
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key.kid().as_str().to_owned());
        let signing = EncodingKey::from_secret(key.bytes());
        let token = jsonwebtoken::encode(&header, &claims, &signing).map_err(Error::internal)?;
        Ok(Self(Zeroizing::new(token)))
    }

    /// Returns the token as text, for the cookie.
    pub fn into_text(self) -> String {
        self.0.as_str().to_owned()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// Verifies a token. Returns `None` unless one of our keys signed it and it has not expired.
pub(super) fn verify(keys: &KeySet, now: Timestamp, token: &str) -> Option<VerifiedSessionToken> {
    if token.len() > MAX_TOKEN_LEN {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    let key = keys.find(header.kid.as_deref()?)?;
    // The header must not choose the algorithm. Expiry is checked below, by the context's clock.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let decoding = DecodingKey::from_secret(key.bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &decoding, &validation).ok()?.claims;
    if now >= claims.exp {
        return None;
    }
    Some(VerifiedSessionToken {
        user: UserId::parse(&claims.sub)?,
        session: SessionId::parse(&claims.sid)?,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn ring() -> Keyring {
        Keyring::from_document(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap()
    }

    fn session() -> Session {
        Session {
            id: SessionId::generate(&SystemRandom),
            user_id: UserId::generate(&SystemRandom),
            generation: 0,
            methods: vec![SignInMethod::Password],
            created_at: NOW,
            reauthenticated_at: None,
            last_seen_at: NOW,
            expires_at: NOW.plus(super::super::SESSION_TTL),
            ip: "203.0.113.9".parse().unwrap(),
            user_agent: String::new(),
        }
    }

    #[test]
    fn a_signed_token_is_valid_until_it_expires() {
        let session = session();
        let token = SessionToken::sign(&ring(), &session).unwrap().into_text();
        assert!(token.starts_with("eyJ"));
        let verified = verify(ring().session_keys().unwrap(), NOW, &token).unwrap();
        assert_eq!((verified.user, verified.session), (session.user_id, session.id));
        let last = session.expires_at.minus(Duration::from_secs(1));
        assert!(verify(ring().session_keys().unwrap(), last, &token).is_some());
        assert!(verify(ring().session_keys().unwrap(), session.expires_at, &token).is_none());
    }

    #[test]
    fn a_token_with_another_key_or_algorithm_is_refused() {
        let token = SessionToken::sign(&ring(), &session()).unwrap().into_text();
        let other =
            Keyring::from_document(r#"{"seed":"another seed, not the one we have."}"#).unwrap();
        assert!(verify(other.session_keys().unwrap(), NOW, &token).is_none());

        let (header, rest) = token.split_once('.').unwrap();
        let (claims, signature) = rest.split_once('.').unwrap();
        let base64 = |json: &str| data_encoding::BASE64URL_NOPAD.encode(json.as_bytes());
        for forged in [
            format!("{}.{claims}.", base64(r#"{"alg":"none","kid":"seed"}"#)),
            format!("{}.{claims}.{signature}", base64(r#"{"alg":"HS512","kid":"seed"}"#)),
            format!("{}.{claims}.{signature}", base64(r#"{"alg":"HS256","kid":"other"}"#)),
            format!("{}.{claims}.{signature}", base64(r#"{"alg":"HS256"}"#)),
            format!("{header}.{}.{signature}", base64(r#"{"sub":"usr_x","sid":"ses_x"}"#)),
            format!("{header}.{claims}"),
            token.replace('.', ""),
            format!("{token}{}", "x".repeat(MAX_TOKEN_LEN)),
        ] {
            assert!(verify(ring().session_keys().unwrap(), NOW, &forged).is_none(), "{forged}");
        }
    }

    #[test]
    fn a_token_signed_with_a_rotated_key_is_valid() {
        let token = SessionToken::sign(&ring(), &session()).unwrap().into_text();
        let rotated = Keyring::from_document(
            r#"{"seed":"0123456789abcdef0123456789abcdef",
                "session_keys":[{"kid":"b","secret":"fedcba9876543210fedcba9876543210"},{"kid":"seed"}]}"#,
        )
        .unwrap();
        assert!(verify(rotated.session_keys().unwrap(), NOW, &token).is_some());
    }

    proptest! {
        #[test]
        fn any_other_text_is_refused_without_a_panic(text in "\\PC{0,120}") {
            prop_assert!(verify(ring().session_keys().unwrap(), NOW, &text).is_none());
        }
    }
}
