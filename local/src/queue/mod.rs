//! The FIFO queues of the template, and their mappings to the worker.

mod fifo_queue;
mod poller;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::aws::REGION;
use crate::stream::DeadLetters;
use crate::template::QueueSettings;

pub(crate) use fifo_queue::{FifoQueue, Sent};
pub(crate) use poller::{QueuePollerConfig, start_poller};

/// The account of the local stack, which is in URLs and ARNs of queues.
const ACCOUNT: &str = "000000000000";

/// The queues, by their URLs.
#[derive(Clone)]
pub(crate) struct Queues(Arc<BTreeMap<String, Arc<FifoQueue>>>);

impl Queues {
    /// Creates the queues of the template.
    pub(crate) fn new(
        settings: &BTreeMap<String, QueueSettings>,
        letters: &Arc<DeadLetters>,
    ) -> Self {
        let queue = |(name, settings): (&String, &QueueSettings)| {
            let arn = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}.fifo");
            (queue_url(name), Arc::new(FifoQueue::new(arn, settings.clone(), letters.clone())))
        };
        Self(Arc::new(settings.iter().map(queue).collect()))
    }

    /// Returns the queue at a URL.
    pub(crate) fn at(&self, url: &str) -> Option<&Arc<FifoQueue>> {
        self.0.get(url)
    }

    /// Returns the queue with this name in the template.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<FifoQueue>> {
        self.at(&queue_url(name))
    }

    /// Returns how often the worker has been invoked with messages.
    pub(crate) fn invocations(&self) -> u64 {
        self.0.values().map(|queue| queue.invocations()).sum()
    }

    /// Waits until the worker has been invoked with every message that does not wait for a retry.
    pub(crate) async fn wait_until_idle(&self) {
        for queue in self.0.values() {
            queue.wait_until_idle().await;
        }
    }
}

/// Returns the URL of the queue with this name in the template. Nothing answers there, because the SDK sends every
/// call to the endpoint of SQS.
pub(crate) fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}.fifo")
}
