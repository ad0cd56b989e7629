//! Mails about members who joined, were removed, or got another role.

use super::Organization;
use super::user_lookup::load_notice_recipients;
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::Tx;
use crate::error::Result;
use crate::mail::{self, MembershipChange, MembershipChangeParams, Message, Recipient};
use crate::requester::Requester;

/// A changed membership to report.
pub(super) struct MembershipNotice<'a> {
    pub(super) organization: &'a Organization,
    pub(super) change: MembershipChange,
    pub(super) member: &'a User,
    /// The user who made the change.
    pub(super) actor: &'a User,
}

impl MembershipNotice<'_> {
    /// Queues the mails in `tx`, to the member and to the organization's owner. Takes a read if another user than
    /// the owner made the change.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
    pub(super) async fn queue(
        &self,
        ctx: &Context,
        tx: &mut Tx<'_>,
        requester: &Requester,
    ) -> Result<()> {
        let Self { organization, change, member, actor } = *self;
        let keyring = ctx.secrets.keyring().await;
        for recipient in &load_notice_recipients(ctx, organization, actor, member).await? {
            let changed = MembershipChangeParams {
                organization: &organization.name,
                change,
                member,
                actor: &actor.email,
            };
            let message = Message::member_changed(ctx, requester, recipient, changed);
            mail::queue(ctx, &keyring, tx, Recipient::from(recipient), message)?;
        }
        Ok(())
    }
}
