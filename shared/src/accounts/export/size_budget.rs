//! Keeps an export within the maximum size of a Lambda response.

use serde::Serialize;

use crate::dynamo::Chunk;
use crate::error::{Error, Result};

/// Maximum number of sessions. Ended sessions count until DynamoDB deletes them.
pub const MAX_SESSIONS: usize = 2_000;

/// Maximum number of tokens, the latest first.
pub const MAX_TOKENS: usize = 2_000;

/// Maximum number of organizations.
pub const MAX_ORGANIZATIONS: u16 = 1_000;

/// Maximum number of activity log entries, the newest first.
pub const MAX_EVENTS: u16 = 10_000;

/// Maximum bytes of all lists in an export. Lambda limits the whole response to 6 MiB.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(super) const MAX_LISTS_BYTES: usize = 5_500_000;

/// Maximum bytes of the sessions.
pub(super) const MAX_SESSIONS_BYTES: usize = 1_000_000;

/// Maximum bytes of the tokens.
pub(super) const MAX_TOKENS_BYTES: usize = 1_000_000;

/// Maximum bytes of the organizations.
pub(super) const MAX_ORGANIZATIONS_BYTES: usize = 500_000;

/// The bytes that are left for lists.
#[derive(Debug)]
pub(super) struct SizeBudget {
    left: usize,
}

impl SizeBudget {
    /// Returns the budget of an empty export.
    pub(super) fn full() -> Self {
        Self { left: MAX_LISTS_BYTES }
    }

    /// Takes the first items that fit into the budget and into `max` bytes. `more` tells whether there are
    /// items besides `items`.
    ///
    /// # Errors
    /// `Error::Internal` if an item cannot be serialized.
    pub(super) fn take_fitting<T: Serialize>(
        &mut self,
        items: Vec<T>,
        max: usize,
        more: bool,
    ) -> Result<Chunk<T>> {
        let count = items.len();
        let mut left = self.left.min(max);
        self.left -= left;
        let mut fitting = Vec::with_capacity(count);
        for item in items {
            match left.checked_sub(size(&item)?) {
                Some(rest) => left = rest,
                None => break,
            }
            fitting.push(item);
        }
        self.left += left;
        Ok(Chunk { more: more || fitting.len() < count, items: fitting })
    }
}

/// Returns the bytes of an item in the response. Lambda embeds the JSON of a response as a string in its
/// own JSON, so quotes and backslashes count twice.
fn size(item: &impl Serialize) -> Result<usize> {
    let json = serde_json::to_string(item).map_err(Error::internal)?;
    let escaped = json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    Ok(json.len() + escaped + ",".len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn items_beyond_the_budget_are_left_out() {
        let mut budget = SizeBudget { left: 60 };
        // Quotes count twice: `\"aaa\",` is eight bytes.
        let first = budget.take_fitting(vec!["aaa"; 5], 17, false).unwrap();
        assert_eq!((first.items.len(), first.more, budget.left), (2, true, 44));
        let second = budget.take_fitting(vec!["aaa"; 5], MAX_LISTS_BYTES, false).unwrap();
        assert_eq!((second.items.len(), second.more, budget.left), (5, false, 4));
        let third = budget.take_fitting(vec!["aaa"], MAX_LISTS_BYTES, true).unwrap();
        assert_eq!((third.items.len(), third.more, budget.left), (0, true, 4));
    }

    proptest! {
        #[test]
        fn size_matches_the_escaped_length_in_lambda_json(text in ".{0,50}") {
            let json = serde_json::to_string(&[&text]).unwrap();
            let around = "\"\"".len() + "[]".len();
            let seen = serde_json::to_string(&json).unwrap().len() - around;
            prop_assert_eq!(size(&text).unwrap(), seen + ",".len());
        }
    }
}
