//! How the invited person names an invitation.

use super::{EndedInvitation, Invitation, InvitationToken};
use crate::accounts::User;
use crate::ids::{InvitationId, OrganizationId};

/// How the invited person names an invitation.
#[derive(Clone, Copy)]
pub enum InvitationSelector<'i> {
    /// By the token of the mailed link.
    Token(&'i InvitationToken),
    /// By its ids, as an entry of the list of the person's own invitations. For everybody whose verified address is
    /// not the invited one, the invitation does not exist.
    Listed {
        /// The organization that invites.
        client_id: &'i OrganizationId,
        /// The invitation in that organization.
        invitation_id: &'i InvitationId,
    },
}

impl<'i> From<&'i InvitationToken> for InvitationSelector<'i> {
    fn from(token: &'i InvitationToken) -> Self {
        Self::Token(token)
    }
}

impl InvitationSelector<'_> {
    /// Returns the ids of the organization and the invitation.
    pub(super) fn ids(&self) -> (&OrganizationId, &InvitationId) {
        match self {
            Self::Token(token) => (token.client_id(), token.invitation_id()),
            Self::Listed { client_id, invitation_id } => (client_id, invitation_id),
        }
    }

    /// Returns whether this names the invitation, for this person.
    pub(super) fn selects(&self, invitation: &Invitation, user: &User) -> bool {
        match self {
            Self::Token(token) => invitation.hash == token.hash(),
            Self::Listed { .. } => user.email_verified && invitation.email == user.email,
        }
    }

    /// Returns whether this names the ended invitation, for this person. Nobody else learns how it ended.
    pub(super) fn selects_ended(&self, ended: &EndedInvitation, user: &User) -> bool {
        match self {
            Self::Token(token) => ended.has_token(token),
            Self::Listed { .. } => user.email_verified && ended.email == user.email,
        }
    }
}
