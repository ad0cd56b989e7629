//! Delivers the table's stream to the worker, as a Lambda event source mapping does.

mod dead_letters;
mod event;
mod filter;
mod poller;
mod reader;
mod shard_queue;
mod trimmer;

pub(crate) use dead_letters::{DeadLetter, DeadLetters};
pub(crate) use filter::EventPattern;
pub(crate) use poller::{StreamConfig, StreamPoller};

/// The binary of the function that reads the stream.
pub(crate) const WORKER: &str = "worker";
