//! The state of the control endpoints.

use std::sync::Arc;

use shared::context::Context;

use crate::aws::Outbox;
use crate::clock::MovableClock;
use crate::schedule::Schedules;
use crate::stream::StreamPoller;

/// The parts of the stack that the control endpoints use.
pub(crate) struct ControlState {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) clock: Arc<MovableClock>,
    pub(crate) schedules: Arc<Schedules>,
    pub(crate) poller: StreamPoller,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) context: Context,
    /// The context of the function `admin`, with only its rights.
    pub(crate) admin: Context,
}
