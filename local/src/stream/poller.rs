//! The task that reads the stream and invokes the worker with its records.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::streams::DynamoDbEventResponse;
use aws_sdk_dynamodbstreams::Client;
use dynoxide::Database;
use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use worker::Worker;

use super::dead_letters::DeadLetters;
use super::event;
use super::filter::RecordFilter;
use super::reader::StreamReader;
use super::shard_queue::{BatchRules, ShardQueue};
use super::trimmer::StreamTrimmer;
use crate::queue::Queues;
use crate::stoppable_task::{StopSignal, StoppableTask};
use crate::template::{Function, StreamSource};

/// The interval at which the stream is read without a wake-up. The gateway wakes the poller after each
/// write, so this only matters for writes past the gateway.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The time after which [`StreamPoller::wait_until_drained`] gives up.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// The parts that a poller needs.
pub(crate) struct StreamConfig {
    pub(crate) client: Client,
    /// The embedded engine; `None` with an external DynamoDB.
    pub(crate) database: Option<Database>,
    pub(crate) stream_arn: String,
    pub(crate) worker: Worker,
    pub(crate) dead_letters: Arc<DeadLetters>,
    /// The queues to which the worker forwards.
    pub(crate) queues: Queues,
}

/// A handle to the polling task.
#[derive(Clone)]
pub(crate) struct StreamPoller {
    requests: mpsc::UnboundedSender<PollerRequest>,
    dead_letters: Arc<DeadLetters>,
    queues: Queues,
}

enum PollerRequest {
    Wake,
    Drain(oneshot::Sender<()>),
}

impl StreamPoller {
    /// Starts to read at the beginning of the stream, by the mappings of the worker's function.
    ///
    /// # Errors
    /// A message if the function has no mapping, or one with an unsupported filter.
    pub(crate) fn start(
        config: StreamConfig,
        function: &Function,
    ) -> Result<(Self, StoppableTask), String> {
        if function.streams.is_empty() {
            return Err(format!("{}: no stream", function.name));
        }
        let (dead_letters, queues) = (config.dead_letters.clone(), config.queues.clone());
        let task = PollerTask::new(config, function)?;
        let (requests, inbox) = mpsc::unbounded_channel();
        let server = StoppableTask::spawn(|stop| task.run(inbox, stop));
        Ok((Self { requests, dead_letters, queues }, server))
    }

    /// Makes the poller read the stream now.
    pub(crate) fn wake(&self) {
        // Sending fails only if the poller has stopped.
        let _ = self.requests.send(PollerRequest::Wake);
    }

    /// Waits until the worker has been invoked with the messages of every record that is in the stream, those of
    /// its own writes included. Messages whose invocation failed count as well. Returns `false` after
    /// [`DRAIN_TIMEOUT`].
    pub(crate) async fn wait_until_drained(&self) -> bool {
        let drain = async {
            loop {
                // An invocation that was counted here ends before the stream is read, so its writes are forwarded.
                let before = self.queues.invocations();
                self.queues.wait_until_idle().await;
                if !self.forward_all().await {
                    return false;
                }
                if self.queues.is_idle() && self.queues.invocations() == before {
                    return true;
                }
            }
        };
        tokio::time::timeout(DRAIN_TIMEOUT, drain).await.unwrap_or(false)
    }

    /// Waits until every record that is in the stream now was forwarded.
    async fn forward_all(&self) -> bool {
        let (done, wait) = oneshot::channel();
        let sent = self.requests.send(PollerRequest::Drain(done)).is_ok();
        sent && wait.await.is_ok()
    }

    /// Returns the sequence numbers of the records that were given up.
    pub(crate) fn dead_letters(&self) -> Vec<String> {
        self.dead_letters.all()
    }
}

struct PollerTask {
    reader: StreamReader,
    trimmer: StreamTrimmer,
    stream_arn: String,
    mappings: Vec<Mapping>,
    worker: Worker,
    timeout: Duration,
    dead_letters: Arc<DeadLetters>,
    queues: Queues,
}

/// An event source mapping. Each mapping has queues of its own, so that a failure in one does not delay
/// another.
struct Mapping {
    filter: RecordFilter,
    rules: BatchRules,
    queues: Vec<ShardQueue>,
}

impl Mapping {
    fn new(source: &StreamSource) -> Result<Self, String> {
        let queues =
            std::iter::repeat_with(ShardQueue::default).take(source.parallelization_factor);
        Ok(Self {
            filter: RecordFilter::parse(source)?,
            rules: BatchRules {
                batch_size: source.batch_size,
                max_retries: source.maximum_retry_attempts,
            },
            queues: queues.collect(),
        })
    }

    fn push(&mut self, record: &Value) {
        if self.filter.accepts(record) {
            let queue = queue_index(&record["dynamodb"]["Keys"], self.queues.len());
            self.queues[queue].push(record.clone());
        }
    }
}

impl PollerTask {
    fn new(config: StreamConfig, function: &Function) -> Result<Self, String> {
        Ok(Self {
            reader: StreamReader::new(config.client, config.stream_arn.clone()),
            trimmer: StreamTrimmer::new(config.database, config.stream_arn.clone()),
            stream_arn: config.stream_arn,
            mappings: function.streams.iter().map(Mapping::new).collect::<Result<_, _>>()?,
            worker: config.worker,
            timeout: function.timeout,
            dead_letters: config.dead_letters,
            queues: config.queues,
        })
    }

    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<PollerRequest>, stop: StopSignal) {
        let mut stop = std::pin::pin!(stop.wait());
        // Callers that wait until everything in the stream has been processed.
        let mut draining: Vec<oneshot::Sender<()>> = Vec::new();
        loop {
            match self.step().await {
                Ok(true) => {}
                Ok(false) => {
                    for done in draining.drain(..) {
                        // Sending fails only if the caller gave up waiting.
                        let _ = done.send(());
                    }
                    tokio::select! {
                        () = &mut stop => return,
                        () = tokio::time::sleep_until(self.next_step()) => {}
                        request = inbox.recv() => match request {
                            Some(request) => draining.extend(request.into_drain()),
                            None => return,
                        },
                    }
                }
                Err(error) => {
                    tracing::error!(cause = ?error, "the stream cannot be read");
                    tokio::select! {
                        () = &mut stop => return,
                        () = tokio::time::sleep(POLL_INTERVAL) => {}
                    }
                }
            }
            while let Ok(request) = inbox.try_recv() {
                draining.extend(request.into_drain());
            }
        }
    }

    /// Reads new records and processes a batch of every queue that is ready. Returns whether there was anything
    /// to do.
    async fn step(&mut self) -> super::reader::Result<bool> {
        let mut records = Vec::new();
        let read = self.reader.read(&mut records).await;
        let any_new = !records.is_empty();
        self.trimmer.add(&records);
        for record in records {
            let record = event::to_lambda_record(record, &self.stream_arn);
            self.mappings.iter_mut().for_each(|mapping| mapping.push(&record));
        }
        let (worker, timeout) = (&self.worker, self.timeout);
        let ready = self.mappings.iter_mut().flat_map(|mapping| {
            let rules = mapping.rules;
            let ready = mapping.queues.iter_mut().filter(|queue| queue.is_ready());
            ready.map(move |queue| {
                queue.process_batch(rules, move |event| invoke(worker, timeout, event))
            })
        });
        let worked = join_all(ready).await;
        worked.iter().flatten().for_each(|number| self.dead_letters.add(number));
        if self.trimmer.is_due() && self.is_finished() {
            self.trimmer.trim();
        }
        read?;
        Ok(any_new || !worked.is_empty())
    }

    /// Returns whether nothing is left to do for the records that were read. The messages of the queues are in memory,
    /// so a stack that starts again on its data folder makes them from the records.
    fn is_finished(&self) -> bool {
        let mut queues = self.mappings.iter().flat_map(|mapping| &mapping.queues);
        queues.all(ShardQueue::is_empty) && self.queues.is_empty()
    }

    fn next_step(&self) -> Instant {
        let queues = self.mappings.iter().flat_map(|mapping| &mapping.queues);
        let retries = queues.filter_map(ShardQueue::retry_at);
        retries.fold(Instant::now() + POLL_INTERVAL, Instant::min)
    }
}

impl PollerRequest {
    fn into_drain(self) -> Option<oneshot::Sender<()>> {
        match self {
            Self::Wake => None,
            Self::Drain(done) => Some(done),
        }
    }
}

/// Returns the queue of an item. All records of an item share a queue, so that they stay in order.
fn queue_index(keys: &Value, queues: usize) -> usize {
    // The attributes of a key may come in any order.
    let fields = keys.as_object().into_iter().flatten();
    let mut fields: Vec<_> = fields.map(|(name, value)| (name, value.to_string())).collect();
    fields.sort();
    let mut hasher = DefaultHasher::new();
    fields.hash(&mut hasher);
    // The remainder is below `queues`.
    usize::try_from(hasher.finish() % queues as u64).unwrap_or_default()
}

/// Invokes the worker as Lambda does: a panic or a timeout fails the whole batch.
async fn invoke(worker: &Worker, timeout: Duration, event: Event) -> Option<DynamoDbEventResponse> {
    let run = AssertUnwindSafe(worker.forward_batch(event)).catch_unwind();
    match tokio::time::timeout(timeout, run).await {
        Ok(result) => result.ok(),
        Err(_) => {
            tracing::error!("an invocation of the worker timed out");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_of_an_item_share_a_queue() {
        let queue = |keys: Value| queue_index(&keys, 1000);
        let one = queue(json!({"pk": {"S": "a"}, "sk": {"S": "b"}}));
        assert_eq!(one, queue(json!({"sk": {"S": "b"}, "pk": {"S": "a"}})));
        assert_ne!(one, queue(json!({"pk": {"S": "b"}, "sk": {"S": "a"}})));
    }
}
