//! The stream records that were given up.

use std::sync::{Mutex, PoisonError};

use crate::stack_event::{EventListener, StackEvent};

/// The sequence numbers of the records, in the order in which they were given up.
pub(crate) struct DeadLetters {
    numbers: Mutex<Vec<String>>,
    event_listener: EventListener,
}

impl DeadLetters {
    pub(crate) fn new(event_listener: EventListener) -> Self {
        Self { numbers: Mutex::default(), event_listener }
    }

    /// Adds a record.
    pub(crate) fn add(&self, sequence_number: &str) {
        tracing::error!(sequence_number, "a record was given up");
        (self.event_listener)(StackEvent::DeadLetter { sequence_number });
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.push(sequence_number.to_owned());
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
