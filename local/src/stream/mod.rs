//! The table's stream to the worker, as a Lambda event source mapping does it.

mod dead_letters;
mod event;
mod filter;
mod lane;
mod pump;
mod reader;

pub(crate) use dead_letters::DeadLetters;
pub(crate) use pump::{Pump, StreamConfig};

/// The binary of the function that reads the stream.
pub(crate) const WORKER: &str = "worker";
