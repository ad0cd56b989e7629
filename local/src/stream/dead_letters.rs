//! The stream records that were given up, and the messages of both dead-letter queues.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::stack_event::{EventListener, StackEvent};

/// The dead letters in the order in which they were given up.
pub(crate) struct DeadLetters {
    state: Mutex<State>,
    event_listener: EventListener,
}

#[derive(Default)]
struct State {
    /// The sequence numbers of the records.
    numbers: Vec<String>,
    letters: Vec<DeadLetter>,
    receipts: u64,
}

/// A message of a dead-letter queue.
#[derive(Clone, Debug)]
pub(crate) struct DeadLetter {
    /// The name of its queue in the template.
    pub(crate) queue: String,
    /// The group that a message of a FIFO queue keeps.
    pub(crate) group: Option<String>,
    pub(crate) body: String,
    /// The handle of the receipt, while the message is hidden.
    pub(crate) receipt: Option<String>,
}

impl DeadLetters {
    pub(crate) fn new(event_listener: EventListener) -> Self {
        Self { state: Mutex::default(), event_listener }
    }

    /// Adds a record.
    pub(crate) fn add(&self, sequence_number: &str) {
        tracing::error!(sequence_number, "a record was given up");
        (self.event_listener)(StackEvent::DeadLetter { sequence_number });
        self.state().numbers.push(sequence_number.to_owned());
    }

    /// Adds a record with its message.
    pub(crate) fn add_message(&self, sequence_number: &str, letter: DeadLetter) {
        self.add(sequence_number);
        self.state().letters.push(letter);
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.state().numbers.clone()
    }

    /// Receives up to `max` messages of a queue and hides them until [`DeadLetters::show`]. A group of the queue waits
    /// for its hidden messages.
    pub(crate) fn receive(&self, queue: &str, max: usize) -> Vec<DeadLetter> {
        let mut state = self.state();
        let State { letters, receipts, .. } = &mut *state;
        let is_hidden = |letter: &&DeadLetter| letter.queue == queue && letter.receipt.is_some();
        let waiting: HashSet<_> =
            letters.iter().filter(is_hidden).filter_map(|letter| letter.group.clone()).collect();
        let visible = letters.iter_mut().filter(|letter| {
            let waits = letter.group.as_ref().is_some_and(|group| waiting.contains(group));
            letter.queue == queue && letter.receipt.is_none() && !waits
        });
        let mut received = Vec::new();
        for letter in visible.take(max) {
            *receipts += 1;
            letter.receipt = Some(receipts.to_string());
            received.push(letter.clone());
        }
        received
    }

    /// Deletes a received message.
    pub(crate) fn delete(&self, receipt: &str) {
        self.state().letters.retain(|letter| letter.receipt.as_deref() != Some(receipt));
    }

    /// Makes a received message visible again. Returns whether there is one.
    pub(crate) fn show(&self, receipt: &str) -> bool {
        let mut state = self.state();
        let mut letters = state.letters.iter_mut();
        let received = letters.find(|letter| letter.receipt.as_deref() == Some(receipt));
        received.map(|letter| letter.receipt = None).is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_received_message_is_hidden_with_its_group() {
        let letters = DeadLetters::new(Arc::new(|_| {}));
        for (queue, group, body) in [
            ("Letters", "a", "1"),
            ("Letters", "a", "2"),
            ("Letters", "b", "3"),
            ("Other", "a", "4"),
        ] {
            let (queue, group) = (queue.to_owned(), Some(group.to_owned()));
            let letter = DeadLetter { queue, group, body: body.to_owned(), receipt: None };
            letters.add_message("7", letter);
        }
        let receive = |max| {
            let received = letters.receive("Letters", max);
            received.into_iter().map(|letter| (letter.body, letter.receipt.unwrap())).collect()
        };
        let first: Vec<(String, String)> = receive(1);
        assert_eq!(first[0].0, "1");
        assert_eq!(letters.receive("Other", 10)[0].body, "4", "the group waits in its queue only");
        let second: Vec<(String, String)> = receive(10);
        assert_eq!(second[0].0, "3");
        letters.delete(&second[0].1);
        assert!(letters.show(&first[0].1) && !letters.show(&second[0].1));
        let all: Vec<(String, String)> = receive(10);
        assert_eq!(all.iter().map(|(body, _)| body.as_str()).collect::<Vec<_>>(), ["1", "2"]);
        assert!(letters.receive("Unknown", 10).is_empty());
    }
}
