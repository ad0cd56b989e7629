//! Ids of things at Stripe.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::NotAnId;

/// Longest id: Stripe says that none is longer.
/// <https://docs.stripe.com/upgrades#what-changes-does-stripe-consider-to-be-backward-compatible>
const LONGEST: usize = 255;

/// An id as Stripe writes them: letters, digits and underscores, so that it can stand in a path and in a key
/// of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StripeId(String);

impl StripeId {
    /// Reads an id that came from outside; `None` where it can't be one.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=LONGEST).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        fits.then(|| Self(text.to_owned()))
    }

    /// As it is written everywhere.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StripeId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        Self::parse(text).ok_or(NotAnId)
    }
}

impl fmt::Display for StripeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_an_id_is_one() {
        for good in ["in_1Pgc6tB7WZ01zgkWu9fdqL6I", "cus_1", "price_basic_monthly"] {
            assert_eq!(StripeId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "in_1/../x", "in_1?x=y", "in 1", "in_é", "in_1#", &"x".repeat(256)] {
            assert!(StripeId::parse(bad).is_none(), "{bad}");
        }
    }
}
