//! Invitation tokens, in plain text and hashed.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::ids::{InvitationId, OrganizationId};
use crate::random::Random;

/// Number of random bytes in a token.
const SECRET_LEN: usize = 32;

/// Length of a token in bytes: organization id, invitation id and secret.
const TOKEN_LEN: usize = 16 + 16 + SECRET_LEN;

/// A plain-text invitation token: base64url of the organization id, the invitation id and 32 random bytes.
///
/// The ids name the row, so the invitation is found in the read that authenticates the caller. The
/// text is never printed, and is wiped from memory after use.
pub struct InvitationToken {
    text: Zeroizing<String>,
    client_id: OrganizationId,
    invitation_id: InvitationId,
}

impl InvitationToken {
    /// Generates a new token for an invitation.
    pub fn generate(
        random: &dyn Random,
        organization_id: &OrganizationId,
        invitation: &InvitationId,
    ) -> Self {
        let secret: Zeroizing<[u8; SECRET_LEN]> = Zeroizing::new(random.bytes());
        let mut bytes = Zeroizing::new(Vec::with_capacity(TOKEN_LEN));
        bytes.extend(organization_id.to_bits());
        bytes.extend(invitation.to_bits());
        bytes.extend(secret.as_slice());
        let text = Zeroizing::new(BASE64URL_NOPAD.encode(&bytes));
        Self { text, client_id: organization_id.clone(), invitation_id: invitation.clone() }
    }

    /// Parses a received token. Returns `None` if it has the wrong length or alphabet.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        if bytes.len() != TOKEN_LEN {
            return None;
        }
        let (organization, rest) = bytes.split_first_chunk()?;
        let (invitation, _secret) = rest.split_first_chunk()?;
        Some(Self {
            client_id: OrganizationId::from_bits(organization),
            invitation_id: InvitationId::from_bits(invitation),
            text: Zeroizing::new(text.to_owned()),
        })
    }

    /// Returns the organization that the token claims to belong to.
    pub fn client_id(&self) -> &OrganizationId {
        &self.client_id
    }

    /// Returns the invitation that the token claims to belong to.
    pub fn invitation_id(&self) -> &InvitationId {
        &self.invitation_id
    }

    /// Returns the plain text for the link.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Returns the hash to store. A token of 256 random bits needs no salt and no slow hash.
    pub fn hash(&self) -> InvitationTokenHash {
        InvitationTokenHash(HEXLOWER.encode(&Sha256::digest(self.text.as_bytes())))
    }
}

impl fmt::Debug for InvitationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationToken(…)")
    }
}

/// The SHA-256 hash of an invitation token, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InvitationTokenHash(String);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use proptest::prelude::*;

    fn token() -> InvitationToken {
        let organization = OrganizationId::generate(&SystemRandom);
        InvitationToken::generate(
            &SystemRandom,
            &organization,
            &InvitationId::generate(&SystemRandom),
        )
    }

    #[test]
    fn a_token_parses_back_and_is_never_printed() {
        let token = token();
        let read = InvitationToken::parse(token.reveal()).unwrap();
        assert_eq!(read.client_id(), token.client_id());
        assert_eq!(read.invitation_id(), token.invitation_id());
        assert_eq!(read.hash(), token.hash());
        assert_eq!(token.reveal().len(), 86);
        assert_eq!(format!("{token:?}"), "InvitationToken(…)");
    }

    #[test]
    fn two_tokens_of_one_invitation_are_different() {
        let one = token();
        let other = InvitationToken::generate(&SystemRandom, one.client_id(), one.invitation_id());
        assert_ne!(one.hash(), other.hash());
    }

    #[test]
    fn a_shorter_or_longer_text_is_no_token() {
        let token = token();
        for cut in 0..token.reveal().len() {
            assert!(InvitationToken::parse(&token.reveal()[..cut]).is_none());
        }
        assert!(InvitationToken::parse(&format!("{}A", token.reveal())).is_none());
    }

    proptest! {
        #[test]
        fn arbitrary_text_parses_or_is_refused(text in "[A-Za-z0-9_-]{80,90}|\\PC{0,90}") {
            if let Some(token) = InvitationToken::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }
    }
}
