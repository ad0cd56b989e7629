//! What an invitation's link carries, in the clear and hashed.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::ids::{InvitationId, OrganizationId};
use crate::random::Random;

/// Random bytes of a token.
const SECRET_BYTES: usize = 32;

/// Bytes of a token: organization, invitation, secret.
const BYTES: usize = 16 + 16 + SECRET_BYTES;

/// A token in the clear: base64url of the organization, the invitation and 32 random bytes. It names its
/// row, so that the invitation is found in the read that says who calls. Never printed, wiped from memory
/// after use.
pub struct InvitationToken {
    text: Zeroizing<String>,
    client_id: OrganizationId,
    invitation_id: InvitationId,
}

impl InvitationToken {
    /// A new token for that invitation.
    pub fn generate(
        random: &dyn Random,
        organization_id: &OrganizationId,
        invitation: &InvitationId,
    ) -> Self {
        let secret: Zeroizing<[u8; SECRET_BYTES]> = Zeroizing::new(random.bytes());
        let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES));
        bytes.extend(organization_id.to_bits());
        bytes.extend(invitation.to_bits());
        bytes.extend(secret.as_slice());
        let text = Zeroizing::new(BASE64URL_NOPAD.encode(&bytes));
        Self { text, client_id: organization_id.clone(), invitation_id: invitation.clone() }
    }

    /// Reads a token from outside; `None` where it can't be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        if bytes.len() != BYTES {
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

    /// To what it claims to invite.
    pub fn client_id(&self) -> &OrganizationId {
        &self.client_id
    }

    /// Which invitation it claims to be of.
    pub fn invitation_id(&self) -> &InvitationId {
        &self.invitation_id
    }

    /// The text for the link.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What is stored instead. 256 random bits need no salt and no slow hash.
    pub fn hash(&self) -> HashedInvitation {
        HashedInvitation(HEXLOWER.encode(&Sha256::digest(self.text.as_bytes())))
    }
}

impl fmt::Debug for InvitationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationToken(…)")
    }
}

/// The SHA-256 of a token, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HashedInvitation(String);

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
    fn a_token_is_read_back_and_never_printed() {
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
    fn what_is_cut_off_or_longer_is_no_token() {
        let token = token();
        for cut in 0..token.reveal().len() {
            assert!(InvitationToken::parse(&token.reveal()[..cut]).is_none());
        }
        assert!(InvitationToken::parse(&format!("{}A", token.reveal())).is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_trouble(text in "[A-Za-z0-9_-]{80,90}|\\PC{0,90}") {
            if let Some(token) = InvitationToken::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }
    }
}
