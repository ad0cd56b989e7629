//! Shows an invitation to the holder of its token, before the person signs in.

use serde::Serialize;
use utoipa::ToSchema;

use super::accept::OrganizationName;
use super::{EndedInvitation, Invitation, InvitationStatus, InvitationToken};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::BatchResult;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::organizations::{AssignableRole, Organization};
use crate::requester::Requester;
use crate::sessions::{self, VerifiedSessionToken};
use crate::throttle::Throttle;
use crate::values::EmailAddress;

/// An invitation as the holder of its token sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvitationPreview {
    /// The organization that the invitation is for.
    #[serde(rename = "client")]
    pub organization: OrganizationName,
    /// The full name of the user who sent the invitation; null if that account was erased.
    #[schema(required, example = "Ada Lovelace")]
    pub inviter_name: Option<String>,
    /// The role that the invitation offers.
    pub role: AssignableRole,
    /// The invited address. It is masked unless the caller is signed in with it.
    #[schema(example = "d•••@example.com")]
    pub email: String,
    /// Whether the caller is signed in with the invited address, and has verified it.
    pub is_for_caller: bool,
    /// The state of the invitation. Only a pending one can be accepted or declined.
    pub status: InvitationStatus,
    /// The time from which the invitation can no longer be accepted.
    pub expires_at: Timestamp,
}

/// Values that an invitation has whether or not it has ended.
struct FoundInvitation {
    email: EmailAddress,
    role: AssignableRole,
    invited_by: UserId,
    status: InvitationStatus,
    expires_at: Timestamp,
}

/// Reads the invitation behind a token, and changes nothing. `session` is that of the caller, if there is one; a
/// session that has ended counts as none.
///
/// # Errors
///
/// * [`Error::InvitationNotFound`] if no invitation has the token, a newer link has replaced it, or its organization
///   was deleted.
/// * [`Error::RateLimited`] after too many requests from one network.
pub async fn preview(
    ctx: &Context,
    requester: &Requester,
    session: Option<&VerifiedSessionToken>,
    token: &InvitationToken,
) -> Result<InvitationPreview> {
    let (organization, invitation) = (token.client_id(), token.invitation_id());
    let wanted = [
        keys::organization(organization),
        keys::invitation(organization, invitation),
        keys::ended_invitation(organization, invitation),
    ];
    let throttle = Throttle::unauthenticated("invitation-preview");
    let (counted, found, caller) = tokio::join!(
        throttle.count_request(ctx, requester),
        ctx.table.batch_get(&wanted),
        read_caller(ctx, requester, session)
    );
    counted?;
    let (found, caller) = (found?, caller?);
    let [organization_key, ..] = &wanted;
    let organization: Option<Organization> = found.read(organization_key)?;
    let organization =
        organization.filter(Organization::exists).ok_or(Error::InvitationNotFound)?;
    let invitation = find(ctx, &found, token)?.ok_or(Error::InvitationNotFound)?;
    let inviter: Option<User> = ctx.table.get(&keys::user(&invitation.invited_by)).await?;
    let is_for_caller =
        caller.is_some_and(|user| user.email_verified && user.email == invitation.email);
    let email =
        if is_for_caller { invitation.email.to_string() } else { invitation.email.masked() };
    Ok(InvitationPreview {
        organization: OrganizationName::from(&organization),
        inviter_name: inviter.map(|user| user.name.to_string()),
        role: invitation.role,
        email,
        is_for_caller,
        status: invitation.status,
        expires_at: invitation.expires_at,
    })
}

/// Returns the invitation that has the token, from the rows that were read.
fn find(
    ctx: &Context,
    found: &BatchResult,
    token: &InvitationToken,
) -> Result<Option<FoundInvitation>> {
    let (organization, id) = (token.client_id(), token.invitation_id());
    let open: Option<Invitation> = found.read(&keys::invitation(organization, id))?;
    if let Some(open) = open.filter(|open| open.hash == token.hash()) {
        let is_live = open.is_live(ctx.now());
        let status = if is_live { InvitationStatus::Pending } else { InvitationStatus::Expired };
        let Invitation { email, role, invited_by, expires_at, .. } = open;
        return Ok(Some(FoundInvitation { email, role, invited_by, status, expires_at }));
    }
    let ended: Option<EndedInvitation> = found.read(&keys::ended_invitation(organization, id))?;
    Ok(ended.filter(|ended| ended.has_token(token)).map(|ended| {
        let EndedInvitation { email, role, invited_by, status, expires_at, .. } = ended;
        FoundInvitation { email, role, invited_by, status, expires_at }
    }))
}

/// Reads the user of a session. Returns `None` if the session has ended.
async fn read_caller(
    ctx: &Context,
    requester: &Requester,
    session: Option<&VerifiedSessionToken>,
) -> Result<Option<User>> {
    let Some(session) = session else { return Ok(None) };
    match sessions::authenticate(ctx, requester, session).await {
        Ok(signed_in) => Ok(Some(signed_in.user)),
        Err(Error::InvalidSession) => Ok(None),
        Err(error) => Err(error),
    }
}
