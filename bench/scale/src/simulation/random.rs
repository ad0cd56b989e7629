//! Random numbers from a seed.

/// `SplitMix64` (Steele, Lea and Flood, 2014): small, and the same on every machine.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// Creates a generator whose numbers depend on the seed alone.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns a random number from all of `u64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a random number from 0 to `end`, inclusive.
    pub(super) fn up_to(&mut self, end: u64) -> u64 {
        // The remainder favors small numbers by less than one in 2^40 for the ends that occur, at most minutes.
        self.next() % end.saturating_add(1)
    }
}
