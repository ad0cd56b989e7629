//! Records failed sign-ins in the account's own log.
//!
//! A stranger can cause them, so an hour has a limited number of records, and more failures cost no write. An address
//! without an account costs the same, so that the duration of a response does not reveal it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::User;
use crate::activity::{Action, AuditEvent, Log};
use crate::context::Context;
use crate::dynamo::{
    Attempt, AttemptError, BatchResult, Condition, Key, Record, Tx, retry_conflicts,
};
use crate::error::{Error, Result};
use crate::ids::{MailId, UserId};
use crate::keys;
use crate::requester::Requester;
use crate::sessions::SignInMethod;
use crate::throttle::Throttle;
use crate::values::EmailAddress;

/// Maximum number of wrong passwords of an account that its log records in an hour, and of wrong second factors.
pub const FAILURE_LOG_LIMIT: u32 = 10;

/// Counts the recorded wrong passwords of one address.
const FAILURE_LOG_THROTTLE: Throttle = throttle("sign-in-failures");

/// Counts the recorded wrong second factors of one account. A stranger cannot use them up with wrong passwords.
const SECOND_FACTOR_LOG_THROTTLE: Throttle = throttle("second-factor-failures");

const fn throttle(operation: &'static str) -> Throttle {
    Throttle { operation, limit: FAILURE_LOG_LIMIT, window: Duration::from_secs(60 * 60) }
}

/// The record of failed sign-ins with one address.
pub(super) struct FailedSignInLog<'a> {
    email: &'a EmailAddress,
    counter: Key,
}

/// A row of the size of an event, for an address without an account. Nobody reads it.
#[derive(Serialize, Deserialize)]
struct DecoyEvent {
    recipient: String,
    id: MailId,
    event: AuditEvent,
}

impl Record for DecoyEvent {
    fn key(&self) -> Key {
        keys::decoy_mail(&self.recipient, self.event.at, &self.id)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.event.at.seconds())
    }
}

impl<'a> FailedSignInLog<'a> {
    /// Creates the record for an address, whether or not it has an account.
    pub(super) async fn new(ctx: &Context, email: &'a EmailAddress) -> Self {
        let counter = FAILURE_LOG_THROTTLE.counter_key(ctx, email.as_str()).await;
        Self { email, counter }
    }

    /// Returns the key of the counter, which the caller reads with its other items.
    pub(super) fn key(&self) -> Key {
        self.counter.clone()
    }

    /// Records a failed sign-in, unless the hour has as many records as it may. `found` has the counter. A failure to
    /// record is logged and otherwise ignored, because the sign-in is refused all the same.
    pub(super) async fn record(
        &self,
        ctx: &Context,
        requester: &Requester,
        is_full: bool,
        user: Option<&User>,
    ) {
        if is_full {
            return;
        }
        // After a conflict, a repetition would take longer than for an address without an account.
        if let Err(AttemptError::Final(error)) = self.write(ctx, requester, user).await {
            ignore_refusal(Err(error));
        }
    }

    /// Returns whether the hour has as many records as it may.
    ///
    /// # Errors
    /// An internal error if the counter is unreadable.
    pub(super) fn is_full(&self, found: &BatchResult) -> Result<bool> {
        FAILURE_LOG_THROTTLE.is_reached(found, &self.counter)
    }

    async fn write(
        &self,
        ctx: &Context,
        requester: &Requester,
        user: Option<&User>,
    ) -> Attempt<()> {
        let mut tx = ctx.table.transaction();
        FAILURE_LOG_THROTTLE.count_in_transaction(ctx, &mut tx, self.email.as_str()).await?;
        let Some(user) = user else {
            let nobody = UserId::generate(&*ctx.random);
            let recipient = ctx.secrets.keyring().await.pseudonym(&["mail", self.email.as_str()]);
            let event = event(ctx, requester, &nobody, SignInMethod::Password);
            tx.put_new(&DecoyEvent { recipient, id: MailId::generate(&*ctx.random), event })?;
            tx.check(&keys::user(&nobody), &Condition::Absent, AttemptError::Conflict)?;
            return tx.commit(Log::Nothing("the address has no account")).await;
        };
        commit(tx, &user.id, event(ctx, requester, &user.id, SignInMethod::Password)).await
    }
}

/// Records a sign-in that failed at its second factor, unless the hour has as many records as it may. A failure to
/// record is logged and otherwise ignored, because the sign-in is refused all the same.
pub(super) async fn record_wrong_second_factor(
    ctx: &Context,
    requester: &Requester,
    user: &UserId,
    method: SignInMethod,
) {
    let write = async || {
        let mut tx = ctx.table.transaction();
        SECOND_FACTOR_LOG_THROTTLE.count_in_transaction(ctx, &mut tx, user.as_str()).await?;
        commit(tx, user, event(ctx, requester, user, method)).await
    };
    // Concurrent attempts share the counter, and each is recorded.
    ignore_refusal(retry_conflicts(ctx, write).await);
}

/// Commits `tx` with an event, unless the account is being erased: its log gets no more entries then.
async fn commit(mut tx: Tx<'_>, user: &UserId, event: AuditEvent) -> Attempt<()> {
    let not_deleting = Condition::All(vec![Condition::Exists, Condition::Missing("deletion")]);
    tx.check(&keys::user(user), &not_deleting, Error::NotFound)?;
    tx.commit(event).await
}

fn ignore_refusal(written: Result<()>) {
    match written {
        // The hour is full, or the account is being erased.
        Ok(()) | Err(Error::RateLimited { .. } | Error::NotFound) => {}
        Err(error) => tracing::warn!(cause = ?error, "cannot record a failed sign-in"),
    }
}

/// Creates the event, in the log of the account that the sign-in was for.
fn event(ctx: &Context, requester: &Requester, user: &UserId, method: SignInMethod) -> AuditEvent {
    AuditEvent::for_account(ctx, requester, Action::SignInFailed, user)
        .with_detail("method", method.name())
}
