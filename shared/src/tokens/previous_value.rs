//! The value of an API key before its last rotation, which is accepted for a grace period.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TokenHash;
use crate::clock::Timestamp;
use crate::error::{Error, Result};

/// Longest time in seconds for which a rotated value is still accepted: 7 days.
pub const MAX_GRACE_SECONDS: u64 = 7 * 24 * 60 * 60;

/// How long the previous value is accepted after a rotation.
#[derive(Clone, Copy, Debug)]
pub struct GracePeriod(Duration);

impl GracePeriod {
    /// Creates a grace period from a number of seconds. Without a number, the previous value is refused at once.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] for `grace_seconds` unless it is from 0 to [`MAX_GRACE_SECONDS`].
    pub fn from_seconds(seconds: Option<i64>) -> Result<Self> {
        let within = u64::try_from(seconds.unwrap_or_default()).ok();
        let within = within.filter(|seconds| *seconds <= MAX_GRACE_SECONDS);
        within.map(|seconds| Self(Duration::from_secs(seconds))).ok_or_else(|| {
            Error::invalid_field(
                "grace_seconds",
                format!("must be a whole number from 0 to {MAX_GRACE_SECONDS}"),
            )
        })
    }

    /// Returns the length in seconds.
    pub(crate) fn seconds(self) -> u64 {
        self.0.as_secs()
    }
}

/// A replaced value that is still accepted. Of each token, only the last value before the present one is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousValue {
    /// The hash of the plain text.
    hash: TokenHash,
    /// The last characters of the plain text.
    ending: String,
    /// From when on the value is refused.
    valid_until: Timestamp,
}

impl PreviousValue {
    /// Returns the present value of a token, given by its hash and last characters, to be accepted for a grace period
    /// after a rotation. `None` if there is no grace period.
    pub(crate) fn after_rotation(
        hash: &TokenHash,
        ending: &str,
        grace: GracePeriod,
        now: Timestamp,
    ) -> Option<Self> {
        (!grace.0.is_zero()).then(|| Self {
            hash: hash.clone(),
            ending: ending.to_owned(),
            valid_until: now.plus(grace.0),
        })
    }

    /// Returns from when on the value is refused.
    pub(super) fn valid_until(&self) -> Timestamp {
        self.valid_until
    }

    /// Returns whether the hash is the one of this value and the grace period has not ended.
    pub(super) fn is_valid(&self, hash: &TokenHash, now: Timestamp) -> bool {
        self.hash == *hash && now < self.valid_until
    }
}

/// A replaced value that is still accepted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PreviousKeyValue)]
pub struct PreviousValueView {
    /// The last characters of the value.
    #[schema(example = "aius_…m2Rk")]
    pub masked: String,
    /// From when on the value is refused.
    pub valid_until: Timestamp,
}

impl PreviousValueView {
    /// Builds the view of the value that is accepted beside the present one, if there is one.
    pub(crate) fn new(previous: Option<&PreviousValue>, now: Timestamp) -> Option<Self> {
        let previous = previous.filter(|value| now < value.valid_until)?;
        let masked = format!("aius_…{}", previous.ending);
        Some(Self { masked, valid_until: previous.valid_until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grace_period_has_at_most_seven_days() {
        let seconds = |wanted| GracePeriod::from_seconds(wanted).map(GracePeriod::seconds).ok();
        assert_eq!((seconds(None), seconds(Some(0))), (Some(0), Some(0)));
        assert_eq!(seconds(Some(604_800)), Some(604_800));
        assert_eq!((seconds(Some(-1)), seconds(Some(604_801))), (None, None));
    }
}
