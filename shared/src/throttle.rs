//! Throttles: limits on how often an operation is called, an address is mailed to, or an organization
//! invites people, within fixed windows of time.
//!
//! A counter is keyed by the operation and by the source address that the gateway reports, or by another
//! value that the service knows. It is never keyed by a path or a header that the caller chooses.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{BatchResult, Condition, Key, Record, Tx, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::requester::Requester;

/// Limits the calls of one operation within fixed windows of time.
#[derive(Clone, Copy, Debug)]
pub struct Throttle {
    /// Name of the operation in the counter's key.
    pub operation: &'static str,
    /// Maximum number of calls in one window.
    pub limit: u32,
    /// Length of a window.
    pub window: Duration,
}

#[derive(Deserialize, Serialize)]
struct Counter {
    pk: String,
    sk: String,
    calls: u32,
}

impl Record for Counter {
    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }
}

impl Throttle {
    /// Returns the throttle for operations that concern an account and need no credential: 30 calls a
    /// minute from one network. The number is our own choice: people stay below it, and it stops guessing.
    pub const fn unauthenticated(operation: &'static str) -> Self {
        Self { operation, limit: 30, window: Duration::from_secs(60) }
    }

    /// Counts a call from the requester's network, with one atomic write.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if the call exceeds the limit.
    pub async fn count_request(&self, ctx: &Context, requester: &Requester) -> Result<()> {
        self.count_request_for(ctx, &requester.network()).await
    }

    /// Counts a call for `key`, which the service knows and the caller cannot choose.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if the call exceeds the limit.
    pub async fn count_request_for(&self, ctx: &Context, key: &str) -> Result<()> {
        let (calls, end) = self.increment(ctx, key).await?;
        if calls > self.limit { Err(Error::rate_limited(ctx.now(), end)) } else { Ok(()) }
    }

    /// Counts a call for `key` in `tx`, without a round trip of its own.
    ///
    /// # Errors
    /// Fails if the update cannot be serialized. The commit fails with [`Error::RateLimited`] if the call
    /// exceeds the limit.
    pub async fn count_in_transaction(
        &self,
        ctx: &Context,
        tx: &mut Tx<'_>,
        key: &str,
    ) -> Result<()> {
        let (update, end) = self.build_update(ctx, key).await?;
        let below_limit = Condition::less("calls", self.limit)?;
        let is_allowed = Condition::Any(vec![Condition::Missing("calls"), below_limit]);
        tx.update(update.only_if(is_allowed), Error::rate_limited(ctx.now(), end))
    }

    /// Returns the key of the counter for `key` in the current window.
    pub async fn counter_key(&self, ctx: &Context, key: &str) -> Key {
        self.current_counter(ctx, key).await.0
    }

    /// Returns whether the limit of a counter that was read is reached.
    ///
    /// # Errors
    /// An internal error if the counter is unreadable.
    pub fn is_reached(&self, found: &BatchResult, counter: &Key) -> Result<bool> {
        let counter: Option<Counter> = found.read(counter)?;
        Ok(counter.is_some_and(|counter| counter.calls >= self.limit))
    }

    /// Counts a call for `key` and returns whether it is within the limit. It is for calls whose answer must not
    /// reveal that the limit is reached, and for calls without an answer.
    ///
    /// # Errors
    /// `Error::Unavailable` if the table does not respond.
    pub async fn try_count(&self, ctx: &Context, key: &str) -> Result<bool> {
        Ok(self.increment(ctx, key).await?.0 <= self.limit)
    }

    /// Takes back a counted call for `key` in the current window, because it was not one of those that are limited.
    ///
    /// # Errors
    /// `Error::Unavailable` if the table does not respond.
    pub async fn take_back(&self, ctx: &Context, key: &str) -> Result<()> {
        let (counter, _) = self.current_counter(ctx, key).await;
        // If a new window has begun, there may be no counter, and there is nothing to take back.
        let update = Update::new(counter).add("calls", -1).only_if(Condition::Exists);
        retry_conflicts(ctx, || ctx.table.update::<Counter>(update.clone())).await?;
        Ok(())
    }

    /// Increments the counter. Returns the calls in the current window, and the end of the window.
    async fn increment(&self, ctx: &Context, key: &str) -> Result<(u32, Timestamp)> {
        let (update, end) = self.build_update(ctx, key).await?;
        let counter: Option<Counter> =
            retry_conflicts(ctx, || ctx.table.update(update.clone())).await?;
        Ok((counter.map_or(0, |counter| counter.calls), end))
    }

    /// Builds the update that increments the counter. Also returns the end of the current window.
    async fn build_update(&self, ctx: &Context, key: &str) -> Result<(Update, Timestamp)> {
        let (counter, end) = self.current_counter(ctx, key).await;
        let update = Update::new(counter).add("calls", 1).set("ttl", end.plus(self.window))?;
        Ok((update, end))
    }

    /// Returns the key of the counter in the current window, and the end of the window.
    async fn current_counter(&self, ctx: &Context, key: &str) -> (Key, Timestamp) {
        let now = ctx.now();
        let length = i64::try_from(self.window.as_secs()).unwrap_or(i64::MAX).max(1);
        let window = now.seconds().div_euclid(length);
        let end = Timestamp::from_seconds((window + 1).saturating_mul(length));
        let pseudonym = ctx.secrets.keyring().await.pseudonym(&["throttle", key]);
        (keys::throttle(self.operation, &pseudonym, window), end)
    }
}
