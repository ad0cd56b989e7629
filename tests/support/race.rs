//! What the answers of many at once say of what was done.
//!
//! 503 says nothing of it: the request met too many others, or took too long. DynamoDB Local, which is
//! slow, may have done by then what it was for, or do it a moment later.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::world::dynamodb_local_url;
use crate::{Reply, World};

/// Whether the suites run on DynamoDB Local, which takes its time.
pub fn on_dynamodb_local() -> bool {
    dynamodb_local_url().is_some()
}

/// How many of these requests were done, as far as their answers say.
pub fn done<'r>(replies: impl IntoIterator<Item = &'r Reply>) -> RangeInclusive<usize> {
    let (mut answered, mut unknown) = (0, 0);
    for reply in replies {
        answered += usize::from(reply.status < 400);
        unknown += usize::from(reply.status == 503);
    }
    answered..=answered + unknown
}

/// Makes sure that what can be done once was done once; `seen` says how often it was, by what is stored. Not
/// at all is right only where nobody heard anything of it.
#[track_caller]
pub fn was_done_once<'r>(replies: impl IntoIterator<Item = &'r Reply>, seen: usize) {
    let mut replies = replies.into_iter();
    assert!(seen == 1 || seen == 0 && replies.all(|reply| reply.status == 503), "{seen} times");
}

impl Reply {
    /// Whether DynamoDB Local took too long, where the embedded engine answers.
    pub fn came_too_late(&self) -> bool {
        self.status == 503 && on_dynamodb_local()
    }
}

impl World {
    /// Waits until nothing comes any more of requests that were answered: from then on what is stored stays
    /// as it is. Nothing says when that is; here it is when DynamoDB Local has come to nothing for a second.
    pub async fn at_rest<'r>(&self, replies: impl IntoIterator<Item = &'r Reply>) {
        let statuses: Vec<_> = replies.into_iter().map(|reply| reply.status).collect();
        let late = statuses.iter().filter(|status| **status == 503).count();
        if !on_dynamodb_local() {
            assert!(late < statuses.len(), "somebody is always served in time");
            return;
        }
        if late == 0 {
            return;
        }
        self.settled().await;
        let mut before = self.dump().await;
        for _ in 0..60 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = self.dump().await;
            if now == before {
                return;
            }
            before = now;
        }
        panic!("DynamoDB Local is still busy");
    }
}
