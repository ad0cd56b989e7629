//! API representation of a member.

use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::User;
use crate::clock::Timestamp;
use crate::organizations::invitations::Invitation;
use crate::organizations::{Member, Role};

/// The state of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemberStatus {
    /// A member.
    Active,
    /// Invited, without an answer yet.
    Pending,
}

/// A member of an organization, or a person who is invited to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberView {
    /// The member's user id; null for an invitation.
    #[schema(required, example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    pub user_id: Option<String>,
    /// The member's name; null for an invitation, and if the account was erased.
    #[schema(required, example = "Ada Lovelace")]
    pub name: Option<String>,
    /// The member's or invited address; null if the account was erased.
    #[schema(required, example = "dev@example.com")]
    pub email: Option<String>,
    /// The member's role, or the role that the invitation offers.
    pub role: Role,
    /// Whether this is a member or an open invitation.
    pub status: MemberStatus,
    /// Whether the member uses two-factor authentication; null for an invitation, for an erased account, and for
    /// callers who may not manage members.
    #[schema(required)]
    pub two_factor_enabled: Option<bool>,
    /// When the member joined; null for an invitation.
    #[schema(required)]
    pub joined_at: Option<Timestamp>,
}

impl MemberView {
    /// Builds the view of a member. `user` is the member's account, if it still exists. `shows_security` says whether
    /// the caller may see if the member uses two-factor authentication.
    pub(super) fn active(member: &Member, user: Option<&User>, shows_security: bool) -> Self {
        let secured = user.filter(|_| shows_security);
        Self {
            user_id: Some(member.user_id.to_string()),
            name: user.map(|user| user.name.to_string()),
            email: user.map(|user| user.email.to_string()),
            role: member.role,
            status: MemberStatus::Active,
            two_factor_enabled: secured.map(|user| user.second_factor.is_some()),
            joined_at: Some(member.joined_at),
        }
    }

    /// Builds the view of an open invitation.
    pub(super) fn pending(invitation: &Invitation) -> Self {
        Self {
            user_id: None,
            name: None,
            email: Some(invitation.email.to_string()),
            role: invitation.role.into(),
            status: MemberStatus::Pending,
            two_factor_enabled: None,
            joined_at: None,
        }
    }
}
