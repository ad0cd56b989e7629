//! Mails about new and rotated API keys.

use crate::accounts::queue_security_notice;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::{Error, Result};
use crate::mail::{self, KeyChange, KeyChangeParams, Message, Recipient};
use crate::organizations::authorize::Authorized;
use crate::organizations::load_notice_recipients;
use crate::requester::Requester;
use crate::tokens::Token;

/// A changed API key to report.
pub(super) struct KeyNotice<'a> {
    /// The caller who changed the key, and its organization.
    pub(super) authorized: &'a Authorized,
    /// How the key was changed.
    pub(super) change: KeyChange,
    pub(super) key: &'a Token,
}

impl KeyNotice<'_> {
    /// Queues the mails in `tx`, to the organization's owner and to the caller. The caller's mail has a link for the
    /// case that another person used the account. Takes a read if the caller is not the owner.
    ///
    /// # Errors
    ///
    /// * [`Error::SessionRequired`] if the caller is not a user.
    /// * [`Error::Unavailable`] if the table cannot be read.
    pub(super) async fn queue(
        &self,
        ctx: &Context,
        tx: &mut Tx<'_>,
        requester: &Requester,
    ) -> Result<()> {
        let organization = &self.authorized.organization;
        let caller = self.authorized.principal.user().ok_or(Error::SessionRequired)?;
        let keyring = ctx.secrets.keyring().await;
        for recipient in &load_notice_recipients(ctx, organization, caller, caller).await? {
            let changed = KeyChangeParams {
                organization: &organization.name,
                key: &self.key.name,
                change: self.change,
                actor: &caller.email,
            };
            let message = Message::api_key_changed(ctx, requester, recipient, changed);
            // Only the caller knows whether they made the change, and the link secures their own account.
            if recipient.id == caller.id {
                queue_security_notice(ctx, &keyring, tx, recipient, message)?;
            } else {
                mail::queue(ctx, &keyring, tx, Recipient::from(recipient), message)?;
            }
        }
        Ok(())
    }
}
