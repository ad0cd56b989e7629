//! Notices about the security of an account, with a link for an owner who did not make the change.

use super::User;
use super::mailed_link::{LinkPurpose, create_link};
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::mail::{self, Message, Recipient, SecurityNotice};
use crate::secrets::Keyring;

/// Queues a notice about the security of the account in `tx`, to its address. The mail has a link that secures
/// the account for [`NOT_ME_LINK_TTL`](super::NOT_ME_LINK_TTL): see
/// [`secure_account`](super::not_me::secure_account).
///
/// # Errors
/// An internal error if the mail cannot be serialized or encrypted.
pub(crate) fn queue_security_notice(
    ctx: &Context,
    keyring: &Keyring,
    tx: &mut Tx<'_>,
    user: &User,
    notice: Message,
) -> Result<()> {
    let link = create_link(ctx, tx, user, LinkPurpose::NotMe)?;
    let notice = SecurityNotice { to: Recipient::from(user), message: notice, link };
    mail::queue_with_not_me_link(ctx, keyring, tx, notice)
}
