//! An authenticator's proof that it keeps a passkey.

use std::time::Duration;

use serde_json::Value;

use super::{Passkey, Refusal, RelyingParty};
use crate::accounts::{User, queue_security_notice};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::ids::{PasskeyId, UserId};
use crate::keys;
use crate::mail::{Message, PasskeyChange};
use crate::requester::Requester;
use crate::throttle::Throttle;

/// Counts the notices about a possible copy of a passkey. Who has a copy could send many.
const COPY_NOTICES: Throttle =
    Throttle { operation: "passkey-copy", limit: 1, window: Duration::from_secs(60 * 60) };

/// The response of an authenticator, with the user and the passkey that it names.
pub(super) struct Assertion<'a, R> {
    relying_party: &'a R,
    response: &'a Value,
    /// The user that the response names.
    pub(super) user: UserId,
    passkey: PasskeyId,
}

impl<'a, R: RelyingParty> Assertion<'a, R> {
    /// Reads which user and passkey a response names.
    ///
    /// # Errors
    /// [`Error::PasskeyRefused`] if the response is malformed or names no user.
    pub(super) fn parse(relying_party: &'a R, response: &'a Value) -> Result<Self> {
        let (user, credential_id) =
            relying_party.parse_ids(response).ok_or(Error::PasskeyRefused)?;
        let passkey = PasskeyId::of_credential(&credential_id);
        Ok(Self { relying_party, response, user, passkey })
    }

    /// Reads the user and the passkey, in one call.
    ///
    /// # Errors
    /// [`Error::PasskeyRefused`] if there is no such user or the account has no such passkey.
    pub(super) async fn find(&self, ctx: &Context) -> Result<(User, Passkey)> {
        let keys = [keys::user(&self.user), keys::passkey(&self.user, &self.passkey)];
        let mut found = ctx.table.batch_get(&keys).await?;
        let user: Option<User> = found.take(&keys[0])?;
        let user = user.filter(|user| user.has_passkey(&self.passkey));
        user.zip(found.take(&keys[1])?).ok_or(Error::PasskeyRefused)
    }

    /// Verifies the response, and returns the passkey as it is after this use. The owner is told if a copy of the
    /// passkey may exist.
    ///
    /// # Errors
    /// [`Error::PasskeyRefused`] if the response breaks a rule of WebAuthn.
    pub(super) async fn verify(
        &self,
        ctx: &Context,
        requester: &Requester,
        state: &str,
        (user, passkey): (&User, Passkey),
    ) -> Result<Passkey> {
        match self.relying_party.verify_assertion(state, self.response, &passkey.credential) {
            Ok(verified) => Ok(Passkey {
                credential: verified.credential,
                authenticator: verified.authenticator,
                last_used_at: Some(ctx.now()),
                ..passkey
            }),
            Err(refusal) => {
                if let Refusal::PossibleCopy = refusal {
                    report_copy(ctx, requester, user, &passkey).await?;
                }
                Err(refusal.into_error(Error::PasskeyRefused))
            }
        }
    }
}

/// Mails the owner that a copy of a passkey may exist, at most once an hour for each passkey, and records it.
async fn report_copy(
    ctx: &Context,
    requester: &Requester,
    user: &User,
    passkey: &Passkey,
) -> Result<()> {
    let reload = || async {
        let user: Option<User> = ctx.table.get(&keys::user(&user.id)).await?;
        user.ok_or(Error::PasskeyRefused)
    };
    let attempt = |user: User| async move {
        let mut tx = ctx.table.transaction();
        // Counted with the notice, so that an interruption does not use up the one of this hour.
        COPY_NOTICES.count_in_transaction(ctx, &mut tx, passkey.id.as_str()).await?;
        user.check_unchanged(&mut tx)?;
        let keyring = ctx.secrets.keyring().await;
        let message =
            Message::passkey_changed(ctx, requester, &user, &passkey.name, PasskeyChange::Refused);
        queue_security_notice(ctx, &keyring, &mut tx, &user, message)?;
        let entry = AuditEvent::for_account(ctx, requester, Action::PasskeyRefused, &user.id);
        let entry = entry.with_target(&passkey.id).with_detail("name", &passkey.name);
        tx.commit(entry).await
    };
    match retry_from(ctx, user.clone(), reload, attempt).await {
        // The owner was told within the hour.
        Err(Error::RateLimited { .. }) => Ok(()),
        reported => reported,
    }
}
