//! The stored item of all feature switches.

use serde::{Deserialize, Serialize};

use super::Feature;
use crate::clock::Timestamp;
use crate::dynamo::{Key, Record};
use crate::keys;

/// The features that are switched off, as stored. Without the item all features are on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSwitches {
    /// The features that are off.
    #[serde(default)]
    pub off: Vec<SwitchedOff>,
    /// Counts every change, for the condition of the next one.
    pub version: u64,
}

/// A feature that is switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchedOff {
    /// The feature that does not work at present.
    pub feature: Feature,
    /// When it was switched off.
    pub since: Timestamp,
    /// Reason that the operator gave.
    pub reason: String,
    /// The operator who switched it off.
    pub operator: String,
    /// Ticket in which the operator worked.
    pub ticket: String,
}

impl StoredSwitches {
    /// Returns whether a feature is on.
    pub fn is_on(&self, feature: Feature) -> bool {
        !self.off.iter().any(|off| off.feature == feature)
    }
}

impl Record for StoredSwitches {
    fn key(&self) -> Key {
        keys::feature_switches()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_feature_is_on_until_it_is_listed() {
        assert!(Feature::ALL.into_iter().all(|feature| StoredSwitches::default().is_on(feature)));
        let stored = json!({"version": 1, "off": [{
            "feature": "mail", "since": 1, "reason": "x", "operator": "ada", "ticket": "T-1",
        }]});
        let stored: StoredSwitches = serde_json::from_value(stored).unwrap();
        assert!(!stored.is_on(Feature::Mail) && stored.is_on(Feature::SignUp));
    }
}
