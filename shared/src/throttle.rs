//! Throttles: how often one address on the network may call an operation, one e-mail address be
//! written to, or one organization invite.
//!
//! Keyed by the operation and the gateway's source address (or what else is counted), never by a path or
//! a header that a caller chooses.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Tx, Update};
use crate::error::{Error, Result};
use crate::keys;
use crate::requester::Requester;
use crate::values::EmailAddress;

/// A limit on calls of one operation within fixed windows of time.
#[derive(Clone, Copy, Debug)]
pub struct Throttle {
    /// Names the operation in the key.
    pub operation: &'static str,
    /// Calls let through in one window.
    pub limit: u32,
    /// Length of a window.
    pub window: Duration,
}

/// Calls that anybody may make without a credential and that touch an account: 30 a minute and
/// address. The number is the product's own: no person gets there, a guesser gets nowhere.
pub const fn unauthenticated(operation: &'static str) -> Throttle {
    Throttle { operation, limit: 30, window: Duration::from_secs(60) }
}

/// Codes that accounts have mailed to one address that isn't theirs yet: five an hour, whoever asks.
/// The number is the one for codes that anybody can ask for (`codes::MOST_PER_WINDOW`).
pub const TO_ONE_ADDRESS: Throttle =
    Throttle { operation: "change-email-to", limit: 5, window: Duration::from_secs(60 * 60) };

/// Invitations from one organization: a hundred an hour, whoever of its people sends them.
pub const INVITATIONS: Throttle =
    Throttle { operation: "invite", limit: 100, window: Duration::from_secs(60 * 60) };

/// Invitations from one organization to one address: five an hour.
pub const INVITATIONS_TO_ONE_ADDRESS: Throttle =
    Throttle { operation: "invite-to", limit: 5, window: Duration::from_secs(60 * 60) };

/// Organizations that one account makes: sixty an hour. The number is the product's own: whoever looks
/// after an account, and the worker that erases it, go through all of them.
pub const CLIENTS: Throttle =
    Throttle { operation: "create-client", limit: 60, window: Duration::from_secs(60 * 60) };

/// Uploads that are announced in one organization: a thousand an hour. The number is the product's own: what
/// is announced and forgotten is kept for a day.
pub const UPLOADS: Throttle =
    Throttle { operation: "announce-upload", limit: 1_000, window: Duration::from_secs(60 * 60) };

#[derive(Deserialize, Serialize)]
struct Counter {
    calls: u32,
}

impl Throttle {
    /// Counts this call; [`Error::RateLimited`] when it is one too many. One write, and exact under
    /// any concurrency.
    pub async fn hit(&self, ctx: &Context, requester: &Requester) -> Result<()> {
        self.hit_for(ctx, &requester.network()).await
    }

    /// The same of a call that counts for something else than where it comes from: `whom` is what the
    /// service knows, not what the caller wrote.
    pub async fn hit_for(&self, ctx: &Context, whom: &str) -> Result<()> {
        let (calls, end) = self.count(ctx, whom).await?;
        if calls > self.limit { Err(Error::rate_limited(ctx.now(), end)) } else { Ok(()) }
    }

    /// Adds to a change that it counts for `whom`: [`Error::RateLimited`] when it is one too many, and
    /// nothing of it happens. No round trip of its own.
    pub async fn count_in(&self, ctx: &Context, tx: &mut Tx<'_>, whom: &str) -> Result<()> {
        let (update, end) = self.update(ctx, whom).await?;
        let fewer = Condition::less("calls", self.limit)?;
        let room = Condition::Any(vec![Condition::Missing("calls"), fewer]);
        tx.update(update.only_if(room), Error::rate_limited(ctx.now(), end))
    }

    /// Counts a call that concerns an address, and says whether it is within the limit. For calls that
    /// mustn't tell.
    pub async fn note(&self, ctx: &Context, address: &EmailAddress) -> Result<bool> {
        Ok(self.count(ctx, address.as_str()).await?.0 <= self.limit)
    }

    /// The calls in this window, and when it ends.
    async fn count(&self, ctx: &Context, by: &str) -> Result<(u32, Timestamp)> {
        let (update, end) = self.update(ctx, by).await?;
        let counter: Option<Counter> = ctx.table.update(update).await?;
        Ok((counter.map_or(0, |counter| counter.calls), end))
    }

    /// One call more in this window, and when it ends.
    async fn update(&self, ctx: &Context, by: &str) -> Result<(Update, Timestamp)> {
        let now = ctx.now();
        let length = i64::try_from(self.window.as_secs()).unwrap_or(i64::MAX).max(1);
        let window = now.seconds().div_euclid(length);
        let end = Timestamp::from_seconds((window + 1).saturating_mul(length));
        let who = ctx.secrets.keyring().await.pseudonym(&["throttle", by]);
        let update = Update::new(keys::throttle(self.operation, &who, window))
            .add("calls", 1)
            .set("ttl", end.plus(self.window))?;
        Ok((update, end))
    }
}
