//! Ending the password of an account that another person may have used.

use super::User;
use super::devices::KnownDevices;
use super::mailed_link::{LinkPurpose, create_link};
use super::two_factor::reset::stop_waiting_reset;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::mail::{self, Message, NewPasswordReason, Recipient, ResetStopMethod};
use crate::requester::Requester;

/// Ends the password, all sessions and a waiting reset of the second factor, and forgets the known devices. Stores the
/// account in `tx`, and queues a mail with a link that sets a new password. A stopped reset is mailed as well.
///
/// # Errors
/// An internal error if the account cannot be serialized, or a mail cannot be serialized or encrypted. The commit fails
/// with [`AttemptError::Conflict`](crate::dynamo::AttemptError::Conflict) if the account has changed since it was read.
pub(super) async fn end_password(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: User,
    reason: NewPasswordReason,
) -> Result<()> {
    let mut user = user.with_password(None);
    stop_waiting_reset(ctx, tx, requester, &mut user, ResetStopMethod::MailedLink).await?;
    if user.email_verified {
        // A thief's device must not stay known. A later reset of an account that was never verified needs to
        // know that it had sessions.
        user.known_devices = KnownDevices::default();
    }
    let user = user.store(tx)?;
    let link = create_link(ctx, tx, &user, LinkPurpose::NewPassword)?;
    let message = Message::new_password_needed(ctx, requester, &user, reason, link);
    mail::queue(ctx, &*ctx.secrets.keyring().await, tx, Recipient::from(&user), message)
}
