//! An invitation in the hands of whoever got the mail.

use super::{Invitation, InvitationToken};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Credential, identify};
use crate::dynamo::{Condition, Record, Tx};
use crate::error::{Error, Result};
use crate::keys;
use crate::organizations::{Member, Organization};
use crate::requester::Requester;

/// An invitation that is good, and whoever it is for.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) user: User,
    pub(super) organization: Organization,
    pub(super) invitation: Invitation,
    /// What they are in the organization, if they belong to it already.
    pub(super) member: Option<Member>,
}

/// Whoever calls, and what was found of the invitation on the way.
pub(super) struct Looked {
    user: User,
    organization: Option<Organization>,
    invitation: Option<Invitation>,
    member: Option<Member>,
}

/// Reads who calls, and what the token is of: one read. [`Error::NoAccess`] for a key, and for a token
/// that is for one organization alone.
pub(super) async fn look(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    token: &InvitationToken,
) -> Result<Looked> {
    let organization = keys::organization(token.client_id());
    let invitation = keys::invitation(token.client_id(), token.invitation_id());
    let member = credential.user().map(|user| keys::member(token.client_id(), user));
    let wanted: Vec<_> = [&organization, &invitation].into_iter().chain(&member).cloned().collect();
    let (caller, found) = identify(ctx, requester, credential, &wanted).await?;
    Ok(Looked {
        user: caller.into_person()?,
        organization: found.read(&organization)?,
        invitation: found.read(&invitation)?,
        member: member.map(|key| found.read(&key)).transpose()?.flatten(),
    })
}

impl Looked {
    /// The invitation, if the token is good and the caller is whom it is for.
    ///
    /// [`Error::NotFound`] for a token that is unknown, used, revoked, replaced or too old;
    /// [`Error::NoAccess`] for whoever has another address; [`Error::EmailNotVerified`] while the address
    /// isn't proven.
    pub(super) fn held(self, now: Timestamp, token: &InvitationToken) -> Result<Held> {
        let Self { user, organization, invitation, member } = self;
        let is_good =
            |invitation: &Invitation| invitation.hash == token.hash() && invitation.is_live(now);
        let invitation = invitation.filter(is_good).ok_or(Error::NotFound)?;
        let organization = organization.filter(Organization::exists).ok_or(Error::NotFound)?;
        if user.email != invitation.email {
            return Err(Error::NoAccess);
        }
        if !user.email_verified {
            return Err(Error::EmailNotVerified);
        }
        Ok(Held { user, organization, invitation, member })
    }
}

impl Held {
    /// Adds to a change that the invitation is used up, by somebody who has the address still.
    pub(super) fn spend(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.invitation.take_back(tx)?;
        let still_theirs = Condition::All(vec![
            Condition::equal("email", &self.invitation.email)?,
            Condition::equal("email_verified", true)?,
            Condition::Missing("deletion"),
        ]);
        tx.check(&self.user.key(), &still_theirs, Error::Conflict)
    }
}
