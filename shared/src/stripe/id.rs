//! Ids of objects at Stripe.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::InvalidId;

/// The maximum length of an id, as Stripe guarantees it.
/// <https://docs.stripe.com/upgrades#what-changes-does-stripe-consider-to-be-backward-compatible>
const MAX_LEN: usize = 255;

/// The id of an object at Stripe: ASCII letters, digits and underscores, so that it is safe in a path and in a
/// table key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StripeId(String);

impl StripeId {
    /// Parses an id; `None` if it is empty, too long or has other characters.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=MAX_LEN).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        fits.then(|| Self(text.to_owned()))
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StripeId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::parse(text).ok_or(InvalidId)
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
    fn only_well_formed_ids_are_parsed() {
        for good in ["in_1Pgc6tB7WZ01zgkWu9fdqL6I", "cus_1", "price_basic_monthly"] {
            assert_eq!(StripeId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "in_1/../x", "in_1?x=y", "in 1", "in_é", "in_1#", &"x".repeat(256)] {
            assert!(StripeId::parse(bad).is_none(), "{bad}");
        }
    }
}
