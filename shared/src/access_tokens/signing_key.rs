//! Keys that sign access tokens: Ed25519 (RFC 8032), with JSON Web Signatures (RFC 8037).

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use zeroize::Zeroizing;

use super::AccessTokenText;
use super::claims::Claims;
use crate::error::{Error, Result};
use crate::secrets::SecretKey;

/// The type of an access token (RFC 9068, 2.1). It keeps a token of another use, signed by the same issuer, from being
/// taken for an access token.
const TOKEN_TYPE: &str = "at+jwt";

/// The bytes before the 32 bytes of an Ed25519 private key in PKCS#8 (RFC 8410, 7).
const PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A key pair. Its id is the thumbprint of the public key (RFC 7638), so two keys never share one.
pub(super) struct SigningKey {
    private: EncodingKey,
    /// The id of the key.
    pub(super) kid: String,
    /// The public key in base64url.
    pub(super) public: String,
}

impl SigningKey {
    /// Makes the key pair of a 256-bit key of the signing secret.
    ///
    /// # Errors
    ///
    /// * An internal error if the library refuses the key.
    pub(super) fn new(key: &SecretKey) -> Result<Self> {
        let mut pkcs8 = Zeroizing::new(Vec::with_capacity(PKCS8_PREFIX.len() + 32));
        pkcs8.extend(PKCS8_PREFIX);
        pkcs8.extend(key.bytes());
        let private = EncodingKey::from_ed_der(&pkcs8);
        let jwk = Jwk::from_encoding_key(&private, Algorithm::EdDSA).map_err(Error::internal)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(Error::internal)?;
        let AlgorithmParameters::OctetKeyPair(parameters) = jwk.algorithm else {
            return Err(Error::internal("an Ed25519 key is not an octet key pair"));
        };
        Ok(Self { private, kid, public: parameters.x })
    }

    /// Signs an access token.
    ///
    /// # Errors
    ///
    /// * An internal error if the library refuses the key.
    pub(super) fn sign(&self, claims: &Claims<'_>) -> Result<AccessTokenText> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TOKEN_TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        let text = jsonwebtoken::encode(&header, claims, &self.private).map_err(Error::internal)?;
        Ok(AccessTokenText(Zeroizing::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Keyring;

    fn keys(json: &str) -> Vec<SigningKey> {
        let ring = Keyring::from_document(json).unwrap();
        ring.signing_keys().unwrap().all().iter().map(|key| SigningKey::new(key).unwrap()).collect()
    }

    #[test]
    fn the_id_of_a_key_is_that_of_its_value() {
        let [seed] = &*keys(r#"{"seed":"0123456789abcdef0123456789abcdef"}"#) else { panic!() };
        let [other] = &*keys(r#"{"seed":"fedcba9876543210fedcba9876543210"}"#) else { panic!() };
        let listed = keys(
            r#"{"seed":"0123456789abcdef0123456789abcdef",
                "signing_keys":[{"kid":"seed"},{"kid":"2026-12","secret":"another secret, of 32 characters"}]}"#,
        );
        // Both are named `seed` in their secrets.
        assert_ne!((&seed.kid, &seed.public), (&other.kid, &other.public));
        assert_eq!((&listed[0].kid, &listed[0].public), (&seed.kid, &seed.public));
        assert_ne!(listed[1].kid, seed.kid);
        assert_eq!((seed.kid.len(), seed.public.len()), (43, 43));
    }
}
