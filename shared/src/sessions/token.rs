//! The session's token: a JSON Web Token (RFC 7519), HS256, with the name of its key in `kid`.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Method, Session};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::ids::{SessionId, UserId};
use crate::secrets::Keyring;

/// No token of ours is longer; whoever sends more isn't heard.
const LONGEST: usize = 2048;

/// A signed token. Whoever has it is signed in: never printed, wiped from memory after use.
pub struct SessionToken(Zeroizing<String>);

#[derive(Deserialize, Serialize)]
struct Claims {
    sub: String,
    sid: String,
    iat: Timestamp,
    exp: Timestamp,
    auth_time: Timestamp,
    amr: Vec<Method>,
}

/// Which session a token names.
#[derive(Debug)]
pub struct Named {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
}

impl SessionToken {
    /// Signs a token for a session.
    pub(super) fn sign(keyring: &Keyring, session: &Session) -> Result<Self> {
        let key = keyring.active_session_key();
        let claims = Claims {
            sub: session.user_id.to_string(),
            sid: session.id.to_string(),
            iat: session.created_at,
            exp: session.expires_at,
            auth_time: session.created_at,
            amr: session.methods.clone(),
        };
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key.kid().as_str().to_owned());
        let signing = EncodingKey::from_secret(key.bytes());
        let token = jsonwebtoken::encode(&header, &claims, &signing).map_err(Error::internal)?;
        Ok(Self(Zeroizing::new(token)))
    }

    /// The text that goes into the cookie.
    pub fn into_text(self) -> String {
        self.0.as_str().to_owned()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

/// Reads a token from outside; `None` unless one of our keys signed it, and it hasn't expired.
pub(super) fn read(keyring: &Keyring, now: Timestamp, token: &str) -> Option<Named> {
    if token.len() > LONGEST {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    let key = keyring.session_key(header.kid.as_deref()?)?;
    // HS256 and nothing else, whatever the header says; expiry is ours to check, by our clock.
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let decoding = DecodingKey::from_secret(key.bytes());
    let claims = jsonwebtoken::decode::<Claims>(token, &decoding, &validation).ok()?.claims;
    if now >= claims.exp {
        return None;
    }
    Some(Named { user: UserId::parse(&claims.sub)?, session: SessionId::parse(&claims.sid)? })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn ring() -> Keyring {
        Keyring::parse(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#).unwrap()
    }

    fn session() -> Session {
        Session {
            id: SessionId::generate(&SystemRandom),
            user_id: UserId::generate(&SystemRandom),
            generation: 0,
            methods: vec![Method::Password],
            created_at: NOW,
            last_seen_at: NOW,
            expires_at: NOW.plus(super::super::LIFETIME),
            ip: "203.0.113.9".parse().unwrap(),
            user_agent: String::new(),
        }
    }

    #[test]
    fn a_signed_token_reads_until_it_expires() {
        let session = session();
        let token = SessionToken::sign(&ring(), &session).unwrap().into_text();
        assert!(token.starts_with("eyJ"));
        let named = read(&ring(), NOW, &token).unwrap();
        assert_eq!((named.user, named.session), (session.user_id, session.id));
        let last = session.expires_at.minus(Duration::from_secs(1));
        assert!(read(&ring(), last, &token).is_some());
        assert!(read(&ring(), session.expires_at, &token).is_none());
    }

    #[test]
    fn another_key_algorithm_or_body_is_refused() {
        let token = SessionToken::sign(&ring(), &session()).unwrap().into_text();
        let other = Keyring::parse(r#"{"seed":"another seed, not the one we have."}"#).unwrap();
        assert!(read(&other, NOW, &token).is_none());

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
            format!("{token}{}", "x".repeat(LONGEST)),
        ] {
            assert!(read(&ring(), NOW, &forged).is_none(), "{forged}");
        }
    }

    #[test]
    fn a_rotated_key_still_reads() {
        let token = SessionToken::sign(&ring(), &session()).unwrap().into_text();
        let rotated = Keyring::parse(
            r#"{"seed":"0123456789abcdef0123456789abcdef",
                "session_keys":[{"kid":"b","secret":"fedcba9876543210fedcba9876543210"},{"kid":"seed"}]}"#,
        )
        .unwrap();
        assert!(read(&rotated, NOW, &token).is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_refused_without_trouble(text in "\\PC{0,120}") {
            prop_assert!(read(&ring(), NOW, &text).is_none());
        }
    }
}
