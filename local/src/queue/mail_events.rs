//! Delivers events of SES to the worker, one at a time, as EventBridge does in AWS.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::Notify;

use crate::stoppable_task::{StopSignal, StoppableTask};

/// A function that invokes the worker with an event, and returns when the invocation has succeeded or was given up.
pub(crate) type HandleMailEvent = Box<dyn Fn(Value) -> BoxFuture<'static, ()> + Send + Sync>;

/// The events that wait, and how many were handled.
#[derive(Default)]
pub(crate) struct MailEvents {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Value>,
    /// Whether the worker handles an event.
    is_busy: bool,
    invocations: u64,
}

impl MailEvents {
    /// Adds an event.
    pub(crate) fn send(&self, event: Value) {
        self.state().waiting.push_back(event);
        self.changed.notify_one();
    }

    /// Starts to handle the events, one after the other.
    pub(crate) fn start(self: &Arc<Self>, handle: HandleMailEvent) -> StoppableTask {
        let events = self.clone();
        StoppableTask::spawn(|stop| async move { events.run(&handle, stop).await })
    }

    async fn run(&self, handle: &HandleMailEvent, stop: StopSignal) {
        let mut stop = std::pin::pin!(stop.wait());
        loop {
            match self.begin_next() {
                Some(event) => {
                    handle(event).await;
                    self.finish();
                }
                None => tokio::select! {
                    () = &mut stop => return,
                    () = self.changed.notified() => {}
                },
            }
        }
    }

    fn begin_next(&self) -> Option<Value> {
        let mut state = self.state();
        let event = state.waiting.pop_front();
        state.is_busy = event.is_some();
        event
    }

    fn finish(&self) {
        let mut state = self.state();
        state.is_busy = false;
        state.invocations += 1;
    }

    /// Returns how many events were handled.
    pub(super) fn invocations(&self) -> u64 {
        self.state().invocations
    }

    /// Returns whether no event is left.
    pub(super) fn is_idle(&self) -> bool {
        let state = self.state();
        !state.is_busy && state.waiting.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
