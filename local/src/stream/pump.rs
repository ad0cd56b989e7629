//! The task that brings records from the stream to the worker.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::streams::DynamoDbEventResponse;
use aws_sdk_dynamodbstreams::Client;
use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use worker::Worker;

use super::dead_letters::DeadLetters;
use super::event;
use super::filter::Filter;
use super::lane::{Lane, Rules};
use super::reader::Reader;
use crate::server::{Server, StopSignal};
use crate::template::{Function, StreamSource};

/// How often the stream is looked at when nobody says that there is something. Requests say so; this
/// is for what is written past the gateway.
const POLL: Duration = Duration::from_secs(1);

/// How long [`Pump::drained`] waits.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

/// What a pump is made of.
pub(crate) struct StreamConfig {
    pub(crate) client: Client,
    pub(crate) stream_arn: String,
    pub(crate) worker: Worker,
    pub(crate) dead_letters: Arc<DeadLetters>,
}

/// A handle on the task.
#[derive(Clone)]
pub(crate) struct Pump {
    requests: mpsc::UnboundedSender<Request>,
    dead_letters: Arc<DeadLetters>,
}

enum Request {
    Look,
    Drain(oneshot::Sender<()>),
}

impl Pump {
    /// Starts pumping from the beginning of the stream, by the mappings of the worker's function.
    pub(crate) fn start(
        config: StreamConfig,
        function: &Function,
    ) -> Result<(Self, Server), String> {
        if function.streams.is_empty() {
            return Err(format!("{}: no stream", function.name));
        }
        let dead_letters = config.dead_letters.clone();
        let task = Task::new(config, function)?;
        let (requests, inbox) = mpsc::unbounded_channel();
        let server = Server::spawn(|stop| task.run(inbox, stop));
        Ok((Self { requests, dead_letters }, server))
    }

    /// Says that something was written.
    pub(crate) fn look(&self) {
        // A pump that has stopped looks at nothing any more.
        let _ = self.requests.send(Request::Look);
    }

    /// Waits until everything that is in the stream now has reached the worker, and was done or has
    /// failed at least once. `false` where that takes too long.
    pub(crate) async fn drained(&self) -> bool {
        let (done, wait) = oneshot::channel();
        let sent = self.requests.send(Request::Drain(done)).is_ok();
        sent && matches!(tokio::time::timeout(LONGEST_DRAIN, wait).await, Ok(Ok(())))
    }

    /// The numbers of the records that were given up.
    pub(crate) fn dead_letters(&self) -> Vec<String> {
        self.dead_letters.all()
    }
}

struct Task {
    reader: Reader,
    stream_arn: String,
    mappings: Vec<Mapping>,
    worker: Worker,
    timeout: Duration,
    dead_letters: Arc<DeadLetters>,
}

/// What a function is to hear of the stream. Each mapping has lanes of its own: what fails in one holds up
/// no other.
struct Mapping {
    filter: Filter,
    rules: Rules,
    lanes: Vec<Lane>,
}

impl Mapping {
    fn of(source: &StreamSource) -> Result<Self, String> {
        let lanes = std::iter::repeat_with(Lane::default).take(source.parallelization_factor);
        Ok(Self {
            filter: Filter::of(source)?,
            rules: Rules {
                batch_size: source.batch_size,
                most_retries: source.maximum_retry_attempts,
            },
            lanes: lanes.collect(),
        })
    }

    fn push(&mut self, record: &Value) {
        if self.filter.lets_through(record) {
            let lane = lane_of(&record["dynamodb"]["Keys"], self.lanes.len());
            self.lanes[lane].push(record.clone());
        }
    }
}

impl Task {
    fn new(config: StreamConfig, function: &Function) -> Result<Self, String> {
        Ok(Self {
            reader: Reader::new(config.client, config.stream_arn.clone()),
            stream_arn: config.stream_arn,
            mappings: function.streams.iter().map(Mapping::of).collect::<Result<_, _>>()?,
            worker: config.worker,
            timeout: function.timeout,
            dead_letters: config.dead_letters,
        })
    }

    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Request>, stop: StopSignal) {
        let mut stop = std::pin::pin!(stop.wait());
        // Who waits for everything that is there at this moment.
        let mut draining: Vec<oneshot::Sender<()>> = Vec::new();
        loop {
            match self.step().await {
                Ok(true) => {}
                Ok(false) => {
                    for done in draining.drain(..) {
                        // Whoever gave up waiting doesn't hear it.
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
                    tracing::error!(cause = ?error, "the stream can't be read");
                    tokio::select! {
                        () = &mut stop => return,
                        () = tokio::time::sleep(POLL) => {}
                    }
                }
            }
            while let Ok(request) = inbox.try_recv() {
                draining.extend(request.into_drain());
            }
        }
    }

    /// Reads what is new and works every lane that is ready; says whether there was anything to do.
    async fn step(&mut self) -> super::reader::Result<bool> {
        let mut records = Vec::new();
        let read = self.reader.read(&mut records).await;
        let any_new = !records.is_empty();
        for record in records {
            let record = event::record(record, &self.stream_arn);
            self.mappings.iter_mut().for_each(|mapping| mapping.push(&record));
        }
        let (worker, timeout) = (&self.worker, self.timeout);
        let ready = self.mappings.iter_mut().flat_map(|mapping| {
            let rules = mapping.rules;
            let ready = mapping.lanes.iter_mut().filter(|lane| lane.is_ready());
            ready.map(move |lane| lane.work(rules, move |event| invoke(worker, timeout, event)))
        });
        let worked = join_all(ready).await;
        worked.iter().flatten().for_each(|number| self.dead_letters.add(number));
        read?;
        Ok(any_new || !worked.is_empty())
    }

    fn next_step(&self) -> Instant {
        let lanes = self.mappings.iter().flat_map(|mapping| &mapping.lanes);
        let retries = lanes.filter_map(Lane::retry_at);
        retries.fold(Instant::now() + POLL, Instant::min)
    }
}

impl Request {
    fn into_drain(self) -> Option<oneshot::Sender<()>> {
        match self {
            Self::Look => None,
            Self::Drain(done) => Some(done),
        }
    }
}

/// The records of one item share a lane, so that they stay in order.
fn lane_of(keys: &Value, lanes: usize) -> usize {
    // An item's key may come with its attributes in any order.
    let fields = keys.as_object().into_iter().flatten();
    let mut fields: Vec<_> = fields.map(|(name, value)| (name, value.to_string())).collect();
    fields.sort();
    let mut hasher = DefaultHasher::new();
    fields.hash(&mut hasher);
    // The remainder is below `lanes`.
    usize::try_from(hasher.finish() % lanes as u64).unwrap_or_default()
}

/// Calls the worker as Lambda does: a panic or too long a run fails the whole batch.
async fn invoke(worker: &Worker, timeout: Duration, event: Event) -> Option<DynamoDbEventResponse> {
    let run = AssertUnwindSafe(worker.process_batch(event)).catch_unwind();
    match tokio::time::timeout(timeout, run).await {
        Ok(response) => response.ok(),
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
    fn an_item_has_one_lane() {
        let lane = |keys: Value| lane_of(&keys, 1000);
        let one = lane(json!({"pk": {"S": "a"}, "sk": {"S": "b"}}));
        assert_eq!(one, lane(json!({"sk": {"S": "b"}, "pk": {"S": "a"}})));
        assert_ne!(one, lane(json!({"pk": {"S": "b"}, "sk": {"S": "a"}})));
    }
}
