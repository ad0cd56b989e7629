//! The cache of the feature switches in a process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Feature, StoredSwitches};
use crate::clock::{Clock, Timestamp};
use crate::dynamo::Table;
use crate::error::{Error, Result};
use crate::keys;

/// How long a process uses the switches that it has read.
pub const SWITCHES_TTL: Duration = Duration::from_secs(30);

/// Longest wait for the switches. A request does not wait longer for them than for its own reads.
const READ_TIMEOUT: Duration = Duration::from_millis(500);

/// The switches of the deployment, cached for [`SWITCHES_TTL`]. If they cannot be read, the former ones stay in force;
/// before the first read, all features are on.
pub struct Switches {
    table: Table,
    clock: Arc<dyn Clock>,
    cached: Mutex<Cached>,
}

#[derive(Default)]
struct Cached {
    stored: StoredSwitches,
    read_at: Option<Timestamp>,
}

impl Switches {
    /// Creates switches that were not read yet.
    pub(crate) fn new(table: Table, clock: Arc<dyn Clock>) -> Self {
        Self { table, clock, cached: Mutex::default() }
    }

    /// Requires that a feature is on. Reads the switches if they are older than [`SWITCHES_TTL`]; call it beside other
    /// reads, so that it takes no round trip of its own.
    ///
    /// # Errors
    /// [`Error::Disabled`] if the feature is switched off.
    pub async fn require(&self, feature: Feature) -> Result<()> {
        if self.is_on(feature).await { Ok(()) } else { Err(Error::Disabled(feature.label())) }
    }

    /// Returns whether a feature is on. Reads the switches as [`Switches::require`] does.
    pub async fn is_on(&self, feature: Feature) -> bool {
        if !self.is_fresh() {
            self.refresh().await;
        }
        self.with_cached(|cached| cached.stored.is_on(feature))
    }

    fn is_fresh(&self) -> bool {
        let now = self.clock.now();
        self.with_cached(|cached| {
            cached.read_at.is_some_and(|at| at <= now && now < at.plus(SWITCHES_TTL))
        })
    }

    /// Reads the switches in a task of its own, so that its cost is not counted for the request that waits.
    async fn refresh(&self) {
        let (table, read_at) = (self.table.clone(), self.clock.now());
        let reading = tokio::spawn(async move {
            let key = keys::feature_switches();
            let read = table.get::<StoredSwitches>(&key);
            tokio::time::timeout(READ_TIMEOUT, read).await
        });
        match reading.await {
            Ok(Ok(Ok(stored))) => self.with_cached(|cached| {
                *cached = Cached { stored: stored.unwrap_or_default(), read_at: Some(read_at) };
            }),
            Ok(Ok(Err(error))) => warn_unreadable(&error),
            Ok(Err(timeout)) => warn_unreadable(&timeout),
            Err(aborted) => warn_unreadable(&aborted),
        }
    }

    fn with_cached<T>(&self, use_it: impl FnOnce(&mut Cached) -> T) -> T {
        // A panic cannot leave the value half changed.
        use_it(&mut self.cached.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn warn_unreadable(error: &(dyn std::error::Error + 'static)) {
    tracing::warn!(cause = error, "the switches cannot be read, so the former ones stay in force");
}
