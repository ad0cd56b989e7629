//! The FIFO queues of the template, and their mappings to the worker. Events of SES wait beside them.

mod fifo_queue;
mod mail_events;
mod poller;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::aws::REGION;
use crate::stream::DeadLetters;
use crate::template::QueueSettings;

pub(crate) use fifo_queue::{FifoQueue, OutgoingMessage};
pub(crate) use mail_events::{HandleMailEvent, MailEvents};
pub(crate) use poller::{QueuePollerConfig, start_poller};

/// The interval at which a caller looks again whether the queues are idle.
const IDLE_INTERVAL: Duration = Duration::from_millis(5);

/// The account of the local stack, which is in URLs and ARNs of queues.
const ACCOUNT: &str = "000000000000";

/// The queues, by their URLs, and the events of SES.
#[derive(Clone)]
pub(crate) struct Queues {
    by_url: Arc<BTreeMap<String, Arc<FifoQueue>>>,
    pub(crate) mail_events: Arc<MailEvents>,
}

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
        let by_url = Arc::new(settings.iter().map(queue).collect());
        Self { by_url, mail_events: Arc::default() }
    }

    /// Returns the queue at a URL.
    pub(crate) fn find_by_url(&self, url: &str) -> Option<&Arc<FifoQueue>> {
        self.by_url.get(url)
    }

    /// Returns the queue with this name in the template.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<FifoQueue>> {
        self.find_by_url(&queue_url(name))
    }

    /// Returns how often the worker has been invoked with messages and events.
    pub(crate) fn invocations(&self) -> u64 {
        let of_queues: u64 = self.by_url.values().map(|queue| queue.invocations()).sum();
        of_queues + self.mail_events.invocations()
    }

    /// Waits until the worker has processed every message that does not wait for a retry, and every event.
    pub(crate) async fn wait_until_idle(&self) {
        while !self.is_idle() {
            tokio::time::sleep(IDLE_INTERVAL).await;
        }
    }

    /// Returns whether there is nothing to wait for in [`Queues::wait_until_idle`].
    pub(crate) fn is_idle(&self) -> bool {
        self.by_url.values().all(|queue| queue.is_idle()) && self.mail_events.is_idle()
    }

    /// Returns whether no queue has a message: the worker has processed each one, or it was given up.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_url.values().all(|queue| queue.is_empty())
    }
}

/// Returns the URL of the queue with this name in the template. Nothing answers there, because the SDK sends every
/// call to the endpoint of SQS.
pub(crate) fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}.fifo")
}
