//! Counts of replies by status.

use std::collections::BTreeMap;

use crate::Reply;

/// Counts the replies by status.
pub fn count_statuses(replies: &[Reply]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for reply in replies {
        *counts.entry(reply.status).or_default() += 1;
    }
    counts
}
