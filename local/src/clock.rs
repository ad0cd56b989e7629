//! The stack's clock: the machine's time plus an offset.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};

use local_support::json_file;
use serde::{Deserialize, Serialize};
use shared::clock::{Clock, SystemClock, Timestamp};

/// A clock that can be moved forward, and otherwise runs with the machine's clock unless it is frozen.
#[derive(Debug)]
pub(crate) struct MovableClock {
    /// The time without the offset. `None` uses the machine's time.
    frozen_at: Option<Timestamp>,
    /// The offset from the time without it.
    offset_seconds: AtomicI64,
    file: Option<PathBuf>,
}

#[derive(Default, Serialize, Deserialize)]
struct SavedClock {
    ahead_seconds: i64,
}

impl MovableClock {
    /// Starts a clock at the given time, or with the offset of the file.
    ///
    /// # Errors
    /// The I/O error if the file exists and cannot be read.
    pub(crate) fn start(
        file: Option<PathBuf>,
        at: Option<Timestamp>,
        freeze_clock: bool,
    ) -> io::Result<Self> {
        let saved = match &file {
            Some(file) => json_file::read::<SavedClock>(file)?.unwrap_or_default(),
            None => SavedClock::default(),
        };
        let offset =
            at.map_or(saved.ahead_seconds, |at| at.seconds() - SystemClock.now().seconds());
        let frozen_at = freeze_clock.then(|| SystemClock.now());
        Ok(Self { frozen_at, offset_seconds: AtomicI64::new(offset), file })
    }

    /// Moves the clock forward.
    ///
    /// # Errors
    /// The I/O error if the offset cannot be written to the file.
    pub(crate) fn advance(&self, seconds: u32) -> io::Result<()> {
        if seconds == 0 {
            return Ok(());
        }
        let by = i64::from(seconds);
        let ahead_seconds = self.offset_seconds.fetch_add(by, Ordering::SeqCst) + by;
        match &self.file {
            Some(file) => json_file::write(file, &SavedClock { ahead_seconds }),
            None => Ok(()),
        }
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        let offset = self.offset_seconds.load(Ordering::SeqCst);
        let without_offset = self.frozen_at.unwrap_or_else(|| SystemClock.now());
        Timestamp::from_seconds(without_offset.seconds() + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_starts_at_a_time_and_is_advanced() {
        let start = Timestamp::from_seconds(1_717_123_456);
        for freeze_clock in [false, true] {
            let clock = MovableClock::start(None, Some(start), freeze_clock).unwrap();
            clock.advance(86_400).unwrap();
            let passed = clock.now().seconds() - start.seconds();
            // A second may pass while this runs.
            assert!((86_400..86_405).contains(&passed), "{passed}");
        }
    }
}
