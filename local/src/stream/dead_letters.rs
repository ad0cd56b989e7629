//! The records that were given up.

use std::sync::{Mutex, PoisonError};

use crate::notice::{Notice, Observer};

/// Their numbers, in the order in which they were given up.
pub(crate) struct DeadLetters {
    numbers: Mutex<Vec<String>>,
    observer: Observer,
}

impl DeadLetters {
    pub(crate) fn new(observer: Observer) -> Self {
        Self { numbers: Mutex::default(), observer }
    }

    /// One more.
    pub(crate) fn add(&self, sequence_number: &str) {
        tracing::error!(sequence_number, "a record was given up");
        (self.observer)(Notice::DeadLetter { sequence_number });
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.push(sequence_number.to_owned());
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
