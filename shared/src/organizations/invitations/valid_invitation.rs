//! Looks up and validates the invitation that an emailed token belongs to.

use super::{EndedInvitation, Invitation, InvitationSelector, InvitationStatus};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{AttemptError, Condition, Record, Tx};
use crate::error::{Error, Result};
use crate::keys;
use crate::organizations::{Member, Organization};

/// A valid invitation and the person it was sent to.
#[derive(Clone, Debug)]
pub(super) struct ValidInvitation {
    pub(super) user: User,
    pub(super) organization: Organization,
    pub(super) invitation: Invitation,
    /// The person's membership, if they belong to the organization already.
    pub(super) member: Option<Member>,
}

/// The caller, and the stored rows that the token refers to.
pub(super) struct InvitationLookup {
    user: User,
    organization: Option<Organization>,
    invitation: Option<Invitation>,
    ended: Option<EndedInvitation>,
    member: Option<Member>,
}

/// Authenticates the caller and reads the rows that the selector refers to, in one read.
///
/// # Errors
///
/// * [`Error::NoAccess`] for an API key, and for a token that is limited to one organization.
pub(super) async fn look_up_invitation(
    ctx: &Context,
    caller: &Caller,
    selector: InvitationSelector<'_>,
) -> Result<InvitationLookup> {
    let (client_id, invitation_id) = selector.ids();
    let organization = keys::organization(client_id);
    let invitation = keys::invitation(client_id, invitation_id);
    let ended = keys::ended_invitation(client_id, invitation_id);
    let member = caller.credential.user().map(|user| keys::member(client_id, user));
    let wanted = [&organization, &invitation, &ended].into_iter().chain(&member);
    let wanted: Vec<_> = wanted.cloned().collect();
    let (principal, found) = authenticate(ctx, caller, &wanted).await?;
    Ok(InvitationLookup {
        user: principal.into_person()?,
        organization: found.read(&organization)?,
        invitation: found.read(&invitation)?,
        ended: found.read(&ended)?,
        member: member.map(|key| found.read(&key)).transpose()?.flatten(),
    })
}

impl InvitationLookup {
    /// Returns the invitation if the selector is valid and the caller is the invited person.
    ///
    /// # Errors
    ///
    /// * [`Error::InvitationNotFound`] if the token is unknown or replaced, or the organization was deleted.
    /// * [`Error::InvitationExpired`], [`Error::InvitationUsed`] or [`Error::InvitationRevoked`] if it has ended.
    /// * [`Error::InvitationForAnotherAddress`] if the invitation is for another address.
    /// * [`Error::EmailNotVerified`] if the caller has not verified their address.
    pub(super) fn validate(
        self,
        now: Timestamp,
        selector: InvitationSelector<'_>,
    ) -> Result<ValidInvitation> {
        let Self { user, organization, invitation, ended, member } = self;
        let organization =
            organization.filter(Organization::exists).ok_or(Error::InvitationNotFound)?;
        let Some(invitation) = invitation.filter(|found| selector.selects(found, &user)) else {
            let ended = ended.filter(|ended| selector.selects_ended(ended, &user));
            return Err(ended.map_or(Error::InvitationNotFound, |ended| ended.refusal()));
        };
        if !invitation.is_live(now) {
            return Err(Error::InvitationExpired);
        }
        if user.email != invitation.email {
            return Err(Error::InvitationForAnotherAddress(invitation.email.masked()));
        }
        if !user.email_verified {
            return Err(Error::EmailNotVerified);
        }
        Ok(ValidInvitation { user, organization, invitation, member })
    }
}

impl ValidInvitation {
    /// Ends the invitation in `tx`, and checks that the person still has the verified address.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if the invitation or the account changed since it was read.
    pub(super) fn consume(
        &self,
        tx: &mut Tx<'_>,
        status: InvitationStatus,
        now: Timestamp,
    ) -> Result<()> {
        self.invitation.end(tx, status, now)?;
        let still_theirs = Condition::All(vec![
            Condition::equal("email", &self.invitation.email)?,
            Condition::equal("email_verified", true)?,
            Condition::Missing("deletion"),
        ]);
        tx.check(&self.user.key(), &still_theirs, AttemptError::Conflict)
    }
}
