//! Letting go of the account at Google.

use super::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::{Authenticated, read_again};

/// Disconnects the account at Google; sessions go on. [`Error::NotFound`] where none is connected,
/// [`Error::LastSignInMethod`] where there is no password to sign in with afterwards.
pub async fn disconnect_google(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
) -> Result<()> {
    let attempt = |before: User| async move {
        if before.google.is_none() {
            return Err(Error::NotFound);
        }
        if before.password_hash.is_none() {
            return Err(Error::LastSignInMethod);
        }
        let mut tx = ctx.table.transaction();
        before.release_google(&mut tx)?;
        let user = User { google: None, ..before }.store(&mut tx)?;
        let keyring = ctx.secrets.keyring().await;
        let news = Message::google_disconnected(ctx, requester, &user);
        mail::queue(ctx, &keyring, &mut tx, &user.email, news)?;
        tx.commit(AuditEvent::for_account(ctx, requester, Action::GoogleDisconnected, &user.id))
            .await
    };
    retry_from(ctx, signed_in.user.clone(), || read_again(ctx, signed_in), attempt).await
}
