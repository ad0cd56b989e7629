//! How much fits into one answer.

use serde::Serialize;

use crate::dynamo::Chunk;
use crate::error::{Error, Result};

/// Bytes that the lists of an answer may take. Lambda's limit is 6 MiB, with what is around them.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(super) const ALL: usize = 5_500_000;

/// Bytes for the sessions, of all.
pub(super) const SESSIONS: usize = 1_000_000;

/// Bytes for the tokens, of all.
pub(super) const TOKENS: usize = 1_000_000;

/// Bytes for the clients, of all.
pub(super) const CLIENTS: usize = 500_000;

/// The bytes that are left.
#[derive(Debug)]
pub(super) struct Room {
    left: usize,
}

impl Room {
    /// An empty answer's.
    pub(super) fn of_an_answer() -> Self {
        Self { left: ALL }
    }

    /// Those of the items, from the first on, that fit into what is left and into `most` bytes; `more`
    /// says whether there were more than `items` already.
    pub(super) fn fit<T: Serialize>(
        &mut self,
        items: Vec<T>,
        most: usize,
        more: bool,
    ) -> Result<Chunk<T>> {
        let count = items.len();
        let mut left = self.left.min(most);
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

/// The bytes of an item on the way: an answer is JSON, which travels as a text within Lambda's JSON.
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
    fn what_does_not_fit_is_left_out_and_said() {
        let mut room = Room { left: 60 };
        // Quotes count twice: `\"aaa\",` is eight bytes.
        let first = room.fit(vec!["aaa"; 5], 17, false).unwrap();
        assert_eq!((first.items.len(), first.more, room.left), (2, true, 44));
        let second = room.fit(vec!["aaa"; 5], ALL, false).unwrap();
        assert_eq!((second.items.len(), second.more, room.left), (5, false, 4));
        let third = room.fit(vec!["aaa"], ALL, true).unwrap();
        assert_eq!((third.items.len(), third.more, room.left), (0, true, 4));
    }

    proptest! {
        #[test]
        fn a_text_is_as_long_as_lambda_sees_it(text in ".{0,50}") {
            let json = serde_json::to_string(&[&text]).unwrap();
            let around = "\"\"".len() + "[]".len();
            let seen = serde_json::to_string(&json).unwrap().len() - around;
            prop_assert_eq!(size(&text).unwrap(), seen + ",".len());
        }
    }
}
