//! A member as the API shows one.

use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::User;
use crate::clock::Timestamp;
use crate::organizations::invitations::Invitation;
use crate::organizations::{Member, Role};

/// Whether somebody belongs to the organization yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemberStatus {
    /// A member.
    Active,
    /// Invited, and hasn't answered.
    Pending,
}

/// Somebody who belongs to an organization, or is invited to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberView {
    /// Opaque id; null of somebody who is invited.
    #[schema(required, example = "usr_mfrggzdfmztwq2lknnwg23tpoa")]
    user_id: Option<String>,
    /// What the person is called; null of somebody who is invited, or whose account is gone.
    #[schema(required, example = "Ada Lovelace")]
    name: Option<String>,
    /// The person's address; null of somebody whose account is gone.
    #[schema(required, example = "dev@example.com")]
    email: Option<String>,
    /// What they are, or are to be.
    role: Role,
    /// Whether they belong to it yet.
    status: MemberStatus,
    /// Since when; null of somebody who is invited.
    #[schema(required)]
    joined_at: Option<Timestamp>,
}

impl MemberView {
    /// A member; `user` is their account, if it is still there.
    pub(super) fn active(member: &Member, user: Option<&User>) -> Self {
        Self {
            user_id: Some(member.user_id.to_string()),
            name: user.map(|user| user.name.to_string()),
            email: user.map(|user| user.email.to_string()),
            role: member.role,
            status: MemberStatus::Active,
            joined_at: Some(member.joined_at),
        }
    }

    /// Somebody who is invited.
    pub(super) fn pending(invitation: &Invitation) -> Self {
        Self {
            user_id: None,
            name: None,
            email: Some(invitation.email.to_string()),
            role: invitation.role.into(),
            status: MemberStatus::Pending,
            joined_at: None,
        }
    }
}
