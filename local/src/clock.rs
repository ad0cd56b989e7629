//! The stack's clock: the machine's, moved.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};
use shared::clock::{Clock, SystemClock, Timestamp};

use crate::data;

/// A clock that can be moved forward, and runs with the machine's unless it stands still.
#[derive(Debug)]
pub(crate) struct MovableClock {
    /// What it would show if it had not been moved; the machine's time where there is none.
    still_at: Option<Timestamp>,
    ahead: AtomicI64,
    file: Option<PathBuf>,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    ahead_seconds: i64,
}

impl MovableClock {
    /// A clock that goes on where the file left it, or starts at the moment given.
    pub(crate) fn start(
        file: Option<PathBuf>,
        at: Option<Timestamp>,
        stands_still: bool,
    ) -> io::Result<Self> {
        let kept = match &file {
            Some(file) => data::read::<Kept>(file)?.unwrap_or_default(),
            None => Kept::default(),
        };
        let ahead = at.map_or(kept.ahead_seconds, |at| at.seconds() - SystemClock.now().seconds());
        let still_at = stands_still.then(|| SystemClock.now());
        Ok(Self { still_at, ahead: AtomicI64::new(ahead), file })
    }

    /// Moves the clock forward, for good.
    pub(crate) fn advance(&self, seconds: u32) -> io::Result<()> {
        if seconds == 0 {
            return Ok(());
        }
        let by = i64::from(seconds);
        let ahead_seconds = self.ahead.fetch_add(by, Ordering::SeqCst) + by;
        match &self.file {
            Some(file) => data::write(file, &Kept { ahead_seconds }),
            None => Ok(()),
        }
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead.load(Ordering::SeqCst);
        let unmoved = self.still_at.unwrap_or_else(|| SystemClock.now());
        Timestamp::from_seconds(unmoved.seconds() + ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_starts_where_it_is_told_and_only_moves_forward() {
        let start = Timestamp::from_seconds(1_717_123_456);
        for stands_still in [false, true] {
            let clock = MovableClock::start(None, Some(start), stands_still).unwrap();
            clock.advance(86_400).unwrap();
            let passed = clock.now().seconds() - start.seconds();
            // A second may pass while this runs.
            assert!((86_400..86_405).contains(&passed), "{passed}");
        }
    }
}
