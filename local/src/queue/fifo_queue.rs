//! A FIFO queue: order within a group, deduplication, visibility, and a maximum number of receives.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::stream::{DeadLetter, DeadLetters};
use crate::template::QueueSettings;

/// The time during which SQS drops a message with the same deduplication id.
const DEDUPLICATION_PERIOD: Duration = Duration::from_secs(5 * 60);

/// How long a message stays hidden for each second that the worker asks for. Developers and tests wait for this time.
const TIME_OF_A_SECOND: Duration = Duration::from_millis(50);

/// The longest time that a failed message stays hidden.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(1);

/// A FIFO queue in memory.
pub(crate) struct FifoQueue {
    arn: String,
    settings: QueueSettings,
    dead_letters: Arc<DeadLetters>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// The messages in the order in which they were sent.
    messages: VecDeque<Message>,
    /// When each deduplication id was last used.
    sent: HashMap<String, Instant>,
    numbers: u64,
    /// Messages that the worker is processing.
    in_progress: usize,
    invocations: u64,
}

struct Message {
    id: String,
    group: String,
    body: String,
    receives: u32,
    /// The handle of the last receipt.
    receipt: Option<String>,
    hidden_until: Option<Instant>,
}

/// A message to send.
pub(crate) struct OutgoingMessage<'m> {
    pub(crate) group: &'m str,
    pub(crate) deduplication_id: &'m str,
    pub(crate) body: &'m str,
}

/// A message as a receiver gets it.
#[derive(Debug)]
pub(crate) struct ReceivedMessage {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) body: String,
    pub(crate) receipt: String,
    pub(crate) receives: u32,
}

impl FifoQueue {
    pub(crate) fn new(
        arn: String,
        settings: QueueSettings,
        dead_letters: Arc<DeadLetters>,
    ) -> Self {
        let (state, changed) = (Mutex::default(), Notify::new());
        Self { arn, settings, dead_letters, state, changed }
    }

    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    /// Adds a message, unless one with its deduplication id was sent in the last five minutes.
    pub(crate) fn send(&self, message: &OutgoingMessage<'_>) {
        self.send_at(message, Instant::now());
    }

    fn send_at(&self, message: &OutgoingMessage<'_>, now: Instant) {
        let mut state = self.state();
        state.sent.retain(|_, at| now.duration_since(*at) < DEDUPLICATION_PERIOD);
        if state.sent.contains_key(message.deduplication_id) {
            return;
        }
        state.sent.insert(message.deduplication_id.to_owned(), now);
        let id = state.next_number();
        state.messages.push_back(Message {
            id,
            group: message.group.to_owned(),
            body: message.body.to_owned(),
            receives: 0,
            receipt: None,
            hidden_until: None,
        });
        drop(state);
        self.changed.notify_one();
    }

    /// Receives the first message of a group without hidden messages, and hides it. A message that was received
    /// as often as the queue allows becomes a dead letter.
    pub(crate) fn receive(&self) -> Option<ReceivedMessage> {
        self.receive_at(Instant::now())
    }

    fn receive_at(&self, now: Instant) -> Option<ReceivedMessage> {
        let mut state = self.state();
        loop {
            let position = state.first_visible(now)?;
            if state.messages[position].receives >= self.settings.max_receives {
                let message = state.messages.remove(position)?;
                let number = sequence_number(&message.body);
                let queue = self.settings.dead_letters.clone();
                self.dead_letters.add_message(&number, message.into_dead_letter(queue));
                continue;
            }
            let receipt = state.next_number();
            state.in_progress += 1;
            state.invocations += 1;
            let message = &mut state.messages[position];
            message.receives += 1;
            message.hidden_until = Some(now + self.settings.visibility_timeout);
            message.receipt = Some(receipt.clone());
            return Some(ReceivedMessage {
                id: message.id.clone(),
                group: message.group.clone(),
                body: message.body.clone(),
                receipt,
                receives: message.receives,
            });
        }
    }

    /// Ends the processing of a received message: deletes it, or leaves it for a retry. A message whose invocation
    /// failed is hidden until its visibility timeout.
    pub(crate) fn finish(&self, receipt: &str, outcome: InvocationOutcome) {
        match outcome {
            InvocationOutcome::Deleted => {
                let mut state = self.state();
                state.messages.retain(|message| message.receipt.as_deref() != Some(receipt));
            }
            InvocationOutcome::Reported => {}
            InvocationOutcome::Failed => {
                self.change_visibility(receipt, self.settings.visibility_timeout);
            }
        }
        self.state().in_progress -= 1;
        self.changed.notify_one();
    }

    /// Hides a received message for a time, which is shorter here than in the cloud. Returns whether the receipt is
    /// valid.
    pub(crate) fn change_visibility(&self, receipt: &str, timeout: Duration) -> bool {
        let mut state = self.state();
        let mut messages = state.messages.iter_mut();
        let message = messages.find(|message| message.receipt.as_deref() == Some(receipt));
        let Some(message) = message else { return false };
        let seconds = u32::try_from(timeout.as_secs()).unwrap_or(u32::MAX);
        let delay = TIME_OF_A_SECOND.saturating_mul(seconds).min(MAX_RETRY_DELAY);
        message.hidden_until = Some(Instant::now() + delay);
        true
    }

    /// Waits until something may have changed, at most until a hidden message is visible again.
    pub(crate) async fn wait(&self) {
        let visible = self.state().messages.iter().filter_map(|message| message.hidden_until).min();
        match visible {
            Some(at) => tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep_until(at) => {}
            },
            None => self.changed.notified().await,
        }
    }

    pub(super) fn invocations(&self) -> u64 {
        self.state().invocations
    }

    /// Returns whether no message is processed, and none waits but for a retry.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state();
        state.in_progress == 0 && state.first_visible(Instant::now()).is_none()
    }

    /// Returns whether there is no message, not even one that waits for a retry.
    pub(super) fn is_empty(&self) -> bool {
        self.state().messages.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the invocation of the worker with a message ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InvocationOutcome {
    /// The worker has processed it.
    Deleted,
    /// The worker reported that it must be retried.
    Reported,
    /// The worker did not respond.
    Failed,
}

impl Message {
    fn into_dead_letter(self, queue: String) -> DeadLetter {
        DeadLetter { queue, group: Some(self.group), body: self.body, receipt: None }
    }
}

impl State {
    fn first_visible(&self, now: Instant) -> Option<usize> {
        let mut blocked = HashSet::new();
        self.messages.iter().position(|message| {
            let is_hidden = message.hidden_until.is_some_and(|until| until > now);
            if is_hidden {
                blocked.insert(message.group.as_str());
            }
            !is_hidden && !blocked.contains(message.group.as_str())
        })
    }

    fn next_number(&mut self) -> String {
        self.numbers += 1;
        self.numbers.to_string()
    }
}

/// Returns the sequence number of the stream record in a message of the worker.
fn sequence_number(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body["sequence_number"].as_str().unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(messages: &[(&str, &str)]) -> FifoQueue {
        let letters = Arc::new(DeadLetters::new(Arc::new(|_| {})));
        let settings = QueueSettings {
            visibility_timeout: Duration::from_secs(360),
            max_receives: 2,
            dead_letters: "Letters".to_owned(),
        };
        let queue = FifoQueue::new("arn".to_owned(), settings, letters);
        for (number, (group, body)) in messages.iter().enumerate() {
            let deduplication_id = &number.to_string();
            queue.send(&OutgoingMessage { group, deduplication_id, body });
        }
        queue
    }

    fn later(milliseconds: u64) -> Instant {
        Instant::now() + Duration::from_millis(milliseconds)
    }

    fn receive(queue: &FifoQueue, now: Instant) -> Option<String> {
        queue.receive_at(now).map(|received| received.body)
    }

    #[test]
    fn a_group_waits_for_its_first_message_and_others_do_not() {
        let queue = queue(&[("a", "1"), ("a", "2"), ("b", "3")]);
        let first = queue.receive().unwrap();
        assert_eq!(receive(&queue, later(0)).unwrap(), "3");
        assert_eq!(receive(&queue, later(0)), None);
        queue.finish(&first.receipt, InvocationOutcome::Deleted);
        assert_eq!(receive(&queue, later(0)).unwrap(), "2");
    }

    #[test]
    fn a_failed_message_is_received_again_before_those_behind_it() {
        let queue = queue(&[("a", "1"), ("a", "2")]);
        let first = queue.receive().unwrap();
        assert!(queue.change_visibility(&first.receipt, Duration::from_secs(10)));
        queue.finish(&first.receipt, InvocationOutcome::Reported);
        assert_eq!(receive(&queue, later(0)), None);
        let again = queue.receive_at(later(500)).unwrap();
        assert_eq!((again.body.as_str(), again.receives), ("1", 2));
        assert!(!queue.change_visibility(&first.receipt, Duration::ZERO), "an old receipt");
    }

    #[test]
    fn a_message_that_always_fails_becomes_a_dead_letter() {
        let queue = queue(&[("a", "1"), ("a", "2")]);
        for _ in 0..2 {
            let received = queue.receive_at(later(2_000)).unwrap();
            assert_eq!(received.body, "1");
            // Without an answer of the worker the timeout passes.
            queue.finish(&received.receipt, InvocationOutcome::Failed);
            assert_eq!(receive(&queue, later(0)), None);
            assert!(queue.dead_letters.all().is_empty());
        }
        assert_eq!(receive(&queue, later(2_000)).unwrap(), "2");
        assert_eq!(queue.dead_letters.all(), ["unknown"]);
        assert_eq!(queue.dead_letters.receive("Letters", 10).len(), 1);
    }

    #[test]
    fn a_duplicate_is_dropped_for_five_minutes() {
        let queue = queue(&[]);
        let message = OutgoingMessage { group: "a", deduplication_id: "d", body: "1" };
        queue.send(&message);
        queue.send(&message);
        let first = queue.receive().unwrap();
        queue.finish(&first.receipt, InvocationOutcome::Deleted);
        queue.send(&message);
        assert_eq!(receive(&queue, later(0)), None);
        queue.send_at(&message, Instant::now() + DEDUPLICATION_PERIOD);
        assert_eq!(receive(&queue, later(0)).unwrap(), "1");
    }

    /// The queues of the template, with the receives that it allows.
    #[test]
    fn what_a_queue_gives_up_is_in_its_dead_letters() {
        let template = crate::template::Template::load().unwrap();
        assert_eq!(template.queues.len(), 2);
        for settings in template.queues.values() {
            let letters = Arc::new(DeadLetters::new(Arc::new(|_| {})));
            let queue = FifoQueue::new("arn".to_owned(), settings.clone(), letters.clone());
            queue.send(&OutgoingMessage { group: "a", deduplication_id: "d", body: "1" });
            for _ in 0..settings.max_receives {
                let received = queue.receive_at(later(2_000)).unwrap();
                queue.finish(&received.receipt, InvocationOutcome::Failed);
                assert!(letters.all().is_empty() && !queue.is_empty());
            }
            assert_eq!(receive(&queue, later(2_000)), None);
            assert!(queue.is_empty());
            assert_eq!(settings.dead_letters, "WorkDeadLetters");
            let given_up = letters.receive("WorkDeadLetters", 10);
            assert_eq!((given_up.len(), given_up[0].group.as_deref()), (1, Some("a")));
        }
    }
}
