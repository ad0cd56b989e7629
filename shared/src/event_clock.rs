//! The order of events within one second.

use std::sync::{Mutex, PoisonError};

use crate::clock::{Clock, Timestamp};

/// The greatest number of an event within its second. It has six digits.
const MAX_SEQUENCE: u32 = 999_999;

/// When an event happened: the second, and a number that orders the events of that second.
///
/// The number is the microsecond, or one more than that of the process's event before, whichever is greater. So the
/// events of a process have a strict order. Processes agree as far as their clocks do; on AWS, that is well below a
/// millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTime {
    /// The second in which the event happened.
    pub at: Timestamp,
    /// The number within the second, at most six digits.
    pub sequence: u32,
}

/// Hands out the times of events, each later than the one before.
#[derive(Debug, Default)]
pub struct EventClock(Mutex<Option<EventTime>>);

impl EventClock {
    /// Returns the time of an event that happens now. If the clock was moved back by a second or more, the order
    /// starts again from there.
    pub fn next(&self, clock: &dyn Clock) -> EventTime {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, micros) = clock.now_with_micros();
        let sequence = match *last {
            Some(last) if last.at == at => micros.max(last.sequence.saturating_add(1)),
            Some(_) | None => micros,
        };
        let next = EventTime { at, sequence: sequence.min(MAX_SEQUENCE) };
        *last = Some(next);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A clock that shows a given microsecond of second 7.
    struct FixedClock(AtomicU32);

    impl Clock for FixedClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(7)
        }

        fn now_with_micros(&self) -> (Timestamp, u32) {
            (self.now(), self.0.load(Ordering::Relaxed))
        }
    }

    #[test]
    fn events_of_one_moment_have_an_order() {
        let (events, clock) = (EventClock::default(), FixedClock(AtomicU32::new(500)));
        let sequence = || events.next(&clock).sequence;
        assert_eq!([sequence(), sequence(), sequence()], [500, 501, 502]);
        clock.0.store(900, Ordering::Relaxed);
        assert_eq!([sequence(), sequence()], [900, 901]);
        clock.0.store(100, Ordering::Relaxed);
        assert_eq!(sequence(), 902);
        clock.0.store(MAX_SEQUENCE, Ordering::Relaxed);
        assert_eq!([sequence(), sequence()], [MAX_SEQUENCE; 2]);
    }
}
