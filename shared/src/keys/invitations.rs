//! Keys of invitations.

use crate::ids::{InvitationId, OrganizationId};
use crate::values::EmailAddress;
use dynamo::Key;

/// The sort-key prefix of an organization's invitations, whether they have ended or not.
pub const ALL_INVITATIONS: &str = "INVITATION";
/// The sort-key prefix of an organization's invitations that were answered or revoked.
pub const ENDED_INVITATIONS: &str = "INVITATION-ENDED#";
/// The sort-key prefix of an organization's invitations that were not answered.
pub const INVITATIONS: &str = "INVITATION#";
/// The sort-key prefix of an address's invitations.
pub const INVITATIONS_BY_EMAIL: &str = "CLIENT#";

/// An invitation to an organization.
pub fn invitation(organization: &OrganizationId, invitation: &InvitationId) -> Key {
    Key::new(format!("CLIENT#{organization}"), format!("{INVITATIONS}{invitation}"))
}

/// An invitation to an organization that was answered or revoked.
pub fn ended_invitation(organization: &OrganizationId, invitation: &InvitationId) -> Key {
    Key::new(format!("CLIENT#{organization}"), format!("{ENDED_INVITATIONS}{invitation}"))
}

/// The invitation of an address to an organization. The key allows only one.
pub fn invitation_by_email(address: &EmailAddress, organization: &OrganizationId) -> Key {
    let pk = invitation_by_email_partition(address);
    Key::new(pk, format!("{INVITATIONS_BY_EMAIL}{organization}"))
}

/// The partition of the invitations of an address.
pub fn invitation_by_email_partition(address: &EmailAddress) -> String {
    format!("INVITEE#{address}")
}
