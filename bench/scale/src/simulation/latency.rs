//! Draws the random latencies of the simulated calls.

use super::random::Random;
use crate::limits::Latency;

/// Number of microseconds in a millisecond.
pub(super) const MICROS_PER_MS: u64 = 1_000;

/// A latency by its percentiles, in microseconds.
///
/// The lower half goes evenly from half the median to the median. Above it grows with the fourth power up to the 99th
/// percentile, and evenly from there to twice the 99th percentile. Only whole numbers are used, so that the result
/// does not depend on a machine's library of logarithms.
#[derive(Clone, Copy, Debug)]
pub(super) struct LatencySource {
    median: u64,
    p99: u64,
}

/// The parts into which the range of probabilities is divided.
const PARTS: u64 = 1_000_000;

impl LatencySource {
    /// Creates a source of latencies with these percentiles.
    pub(super) fn new(latency: Latency) -> Self {
        Self { median: micros(latency.median_ms), p99: micros(latency.p99_ms) }
    }

    /// Draws a latency in microseconds.
    pub(super) fn draw(&self, random: &mut Random) -> u64 {
        self.at(random.up_to(PARTS - 1))
    }

    /// Returns the latency at a part of the range of probabilities.
    fn at(&self, part: u64) -> u64 {
        let (half, tail) = (PARTS / 2, PARTS / 100 * 99);
        if part < half {
            self.median / 2 + self.median / 2 * part / half
        } else if part < tail {
            let over = (part - half) * 1_000 / (tail - half);
            self.median + self.p99.saturating_sub(self.median) * over.pow(4) / 1_000_u64.pow(4)
        } else {
            self.p99 + self.p99 * (part - tail) / (PARTS - tail)
        }
    }
}

/// Converts milliseconds to whole microseconds. Latencies of the inputs are positive and below an hour.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn micros(ms: f64) -> u64 {
    (ms.clamp(0.0, 3_600_000.0) * 1_000.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_that_were_asked_for() {
        let source = LatencySource::new(Latency { median_ms: 20.0, p99_ms: 50.0 });
        let mut random = Random::new(1);
        let mut drawn: Vec<_> = (0..100_000).map(|_| source.draw(&mut random)).collect();
        drawn.sort_unstable();
        assert!(drawn[50_000].abs_diff(20_000) < 200, "{}", drawn[50_000]);
        assert!(drawn[99_000].abs_diff(50_000) < 1_500, "{}", drawn[99_000]);
        assert!(drawn[0] >= 10_000 && drawn[99_999] <= 100_000);
    }
}
