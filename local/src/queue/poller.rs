//! The task that invokes the worker with the messages of a queue, as a Lambda event source mapping does.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::Value;
use shared::dynamo::meter;
use worker::{QueueAttributes, QueueEvent, QueueRecord, Worker};

use super::fifo_queue::{FifoQueue, InvocationOutcome, ReceivedMessage};
use crate::stack_event::{EventListener, StackEvent};
use crate::stoppable_task::{StopSignal, StoppableTask};

/// The most invocations at the same time, each with a message of another group.
const CONCURRENCY: usize = 10;

/// The parts that a poller needs.
#[derive(Clone)]
pub(crate) struct QueuePollerConfig {
    pub(crate) worker: Worker,
    /// The time after which Lambda ends an invocation.
    pub(crate) timeout: Duration,
    pub(crate) event_listener: EventListener,
    /// Called after an invocation that has written to the table.
    pub(crate) wake_stream: Arc<dyn Fn() + Send + Sync>,
}

/// Starts to invoke the worker with the messages of a queue.
pub(crate) fn start_poller(queue: Arc<FifoQueue>, config: QueuePollerConfig) -> StoppableTask {
    StoppableTask::spawn(|stop| run(queue, config, stop))
}

async fn run(queue: Arc<FifoQueue>, config: QueuePollerConfig, stop: StopSignal) {
    let mut stop = std::pin::pin!(stop.wait());
    let mut invocations = FuturesUnordered::new();
    loop {
        while invocations.len() < CONCURRENCY
            && let Some(message) = queue.receive()
        {
            invocations.push(invoke(&queue, &config, message));
        }
        tokio::select! {
            () = &mut stop => return,
            Some(()) = invocations.next(), if !invocations.is_empty() => {}
            () = queue.wait(), if invocations.len() < CONCURRENCY => {}
        }
    }
}

/// Invokes the worker as Lambda does: a panic or a timeout is a failure.
async fn invoke(queue: &FifoQueue, config: &QueuePollerConfig, message: ReceivedMessage) {
    let receipt = message.receipt.clone();
    let partitions = [partition(&message.body)];
    let event = QueueEvent {
        records: vec![QueueRecord {
            message_id: message.id,
            receipt_handle: message.receipt,
            body: message.body,
            attributes: QueueAttributes {
                message_group_id: message.group,
                approximate_receive_count: message.receives.to_string(),
            },
            event_source_arn: queue.arn().to_owned(),
        }],
    };
    let process = meter::measure(config.worker.process_messages(event));
    let run = AssertUnwindSafe(process).catch_unwind();
    let outcome = match tokio::time::timeout(config.timeout, run).await {
        Ok(Ok((response, usage))) => {
            (config.event_listener)(StackEvent::StreamBatch { partitions: &partitions, usage });
            if usage.wcu > 0.0 {
                (config.wake_stream)();
            }
            if response.batch_item_failures.is_empty() {
                InvocationOutcome::Deleted
            } else {
                InvocationOutcome::Reported
            }
        }
        Ok(Err(_)) => InvocationOutcome::Failed,
        Err(_) => {
            tracing::error!("an invocation of the worker timed out");
            InvocationOutcome::Failed
        }
    };
    queue.finish(&receipt, outcome);
}

/// Returns the partition key of the row in a message of the worker.
fn partition(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body["pk"].as_str().unwrap_or_default().to_owned()
}
