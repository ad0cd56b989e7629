//! Counts the attempts to sign in to an address with a password.
//!
//! Each attempt counts by network and by address. A stranger who fails is delayed in their own network. Only
//! many networks together reach the limit of the address, and a device that the account knows from an earlier
//! sign-in passes both delays: its own failures alone delay it.

use super::User;
use super::attempt_limiter::{AttemptLimiter, FailedAttempts};
use crate::activity::Log;
use crate::context::Context;
use crate::dynamo::{Attempt, BatchResult, Key, Tx, retry_conflicts, retry_from};
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::secrets::Keyring;
use crate::values::EmailAddress;

/// The limiters of sign-ins from one requester to one address.
#[derive(Debug)]
pub(super) struct SignInAttempts {
    network: AttemptLimiter,
    address: AttemptLimiter,
}

/// The failures by network and by address, as read.
#[derive(Debug)]
pub(super) struct CountedFailures {
    network: Option<FailedAttempts>,
    address: Option<FailedAttempts>,
}

/// An attempt that may be checked. It counts as a failure until [`AuthorizedAttempt::clear`] is committed.
#[derive(Debug)]
pub(super) struct AuthorizedAttempt(Vec<AttemptLimiter>);

impl SignInAttempts {
    /// Returns the limiters for an address, whether or not it has an account.
    pub(super) fn new(keyring: &Keyring, requester: &Requester, email: &EmailAddress) -> Self {
        Self {
            network: AttemptLimiter::for_network(keyring, email, requester),
            address: AttemptLimiter::for_address(keyring, email),
        }
    }

    /// Returns the keys of the rows that [`SignInAttempts::take`] takes.
    pub(super) fn keys(&self) -> [Key; 2] {
        [self.network.key(), self.address.key()]
    }

    /// Takes the failures out of `found`.
    ///
    /// # Errors
    /// `Error::Internal` if a row cannot be decoded.
    pub(super) fn take(&self, found: &mut BatchResult) -> Result<CountedFailures> {
        let [network, address] = self.keys();
        Ok(CountedFailures { network: found.take(&network)?, address: found.take(&address)? })
    }

    /// Counts an attempt as a failure by network and by address, or not at all.
    ///
    /// # Errors
    /// [`Error::RateLimited`] while the delay of an earlier failure lasts.
    pub(super) async fn count(&self, ctx: &Context, before: CountedFailures) -> Result<()> {
        let reload = || async {
            let mut found = ctx.table.batch_get(&self.keys()).await?;
            Attempt::Ok(self.take(&mut found)?)
        };
        let attempt = |before: CountedFailures| async move {
            let mut tx = ctx.table.transaction();
            self.network.count_in_transaction(ctx.now(), &mut tx, before.network)?;
            self.address.count_in_transaction(ctx.now(), &mut tx, before.address)?;
            tx.commit(Log::Nothing("a counter of failures that a right attempt clears")).await
        };
        retry_from(ctx, before, reload, attempt).await
    }

    /// Decides whether an attempt may be checked, after it was counted and the account was read. A known
    /// device passes the delays that other requesters caused, and is delayed by its own failures alone.
    ///
    /// # Errors
    /// The error of `counted`, or [`Error::RateLimited`] while the delay of the device lasts.
    pub(super) async fn authorize_attempt(
        self,
        ctx: &Context,
        requester: &Requester,
        counted: Result<()>,
        user: Option<&User>,
    ) -> Result<AuthorizedAttempt> {
        let refusal = match counted {
            Ok(()) => return Ok(AuthorizedAttempt(vec![self.network, self.address])),
            Err(refusal @ (Error::RateLimited { .. } | Error::Contention)) => refusal,
            Err(error) => return Err(error),
        };
        let keyring = ctx.secrets.keyring().await;
        let known = user.filter(|user| user.known_devices.contain(&keyring, &user.id, requester));
        let Some(user) = known else { return Err(refusal) };
        let device = AttemptLimiter::for_known_device(&keyring, &user.id, requester);
        device.count_unread_attempt(ctx).await?;
        Ok(AuthorizedAttempt(vec![self.network, self.address, device]))
    }

    /// Clears the failures in `tx`, which sets a new password.
    pub(super) fn clear(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.network.clear(tx)?;
        self.address.clear(tx)
    }
}

impl AuthorizedAttempt {
    /// Clears the failures in `tx`, the transaction that the right password leads to.
    pub(super) fn clear(&self, tx: &mut Tx<'_>) -> Result<()> {
        self.0.iter().try_for_each(|limiter| limiter.clear(tx))
    }

    /// Clears the failures at once, where the right password leads to no other transaction.
    ///
    /// # Errors
    /// [`Error::Contention`] if concurrent attempts kept interfering, [`Error::Unavailable`] if the table does not
    /// respond.
    pub(super) async fn clear_now(&self, ctx: &Context) -> Result<()> {
        let attempt = || async {
            let mut tx = ctx.table.transaction();
            self.clear(&mut tx)?;
            tx.commit(Log::Nothing("a counter of failures")).await
        };
        retry_conflicts(ctx, attempt).await
    }
}
