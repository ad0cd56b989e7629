//! Limits writes to what one partition of DynamoDB serves.

/// A token bucket of write units that holds those of one second.
#[derive(Clone, Debug)]
pub(super) struct Partition {
    units_per_s: u64,
    /// Capacity units that the partition has left, in millionths of a unit.
    stored: u64,
    refilled_at: u64,
    /// Units that were consumed so far.
    pub(super) consumed: u64,
}

/// Millionths of a unit; with times in microseconds a bucket gains `units_per_s` of them in each.
const MILLIONTHS: u64 = 1_000_000;

impl Partition {
    /// Creates a partition with a full bucket.
    ///
    /// DynamoDB keeps up to 300 s of unused units for bursts, without a promise. They do not help an organization that
    /// goes on, so they are left out.
    pub(super) fn new(units_per_s: u64) -> Self {
        Self { units_per_s, stored: units_per_s * MILLIONTHS, refilled_at: 0, consumed: 0 }
    }

    /// Returns the write units that the partition serves in a second.
    pub(super) fn units_per_s(&self) -> u64 {
        self.units_per_s
    }

    /// Takes units for a write at the time `now`, which must not be before the last write. Returns whether the write is
    /// served.
    pub(super) fn take(&mut self, now: u64, units: u64) -> bool {
        let gained = (now - self.refilled_at) * self.units_per_s;
        self.stored = (self.stored + gained).min(self.units_per_s * MILLIONTHS);
        self.refilled_at = now;
        let Some(left) = self.stored.checked_sub(units * MILLIONTHS) else { return false };
        self.stored = left;
        self.consumed += units;
        true
    }
}

/// Converts units to a whole number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // units are positive and far below 2^52
pub(super) fn whole(units: f64) -> u64 {
    units.round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_partition_never_serves_more_than_its_units(
            writes in prop::collection::vec((0..5_000_u64, 1..8_u64), 1..2_000),
        ) {
            let mut partition = Partition::new(1_000);
            let (mut now, mut asked, mut throttled) = (0, 0, 0);
            for (pause, units) in writes {
                now += pause;
                asked += units;
                throttled += u64::from(!partition.take(now, units));
            }
            // A full bucket and what was gained since.
            prop_assert!(partition.consumed * MILLIONTHS <= 1_000 * (MILLIONTHS + now));
            prop_assert_eq!(partition.consumed < asked, throttled > 0);
        }
    }
}
