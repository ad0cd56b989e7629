//! Schedules: the worker is invoked each time the stack's clock passes a moment at which it is due,
//! the first of them one interval after the start.

mod invocation;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use shared::clock::{Clock, Timestamp};
use tokio::sync::Mutex;

use crate::clock::MovableClock;
use crate::server::Server;
use crate::template::Schedule;

pub(crate) use invocation::Invocation;

/// Most invocations of one schedule in one move of the clock: a year of a daily one, with room to spare.
/// Moments beyond are skipped, or moving the clock by years would take as long as it looks.
const MOST_INVOCATIONS: u32 = 400;

/// How often the clock is looked at where it runs by itself.
const POLL: Duration = Duration::from_secs(1);

/// All schedules, and the clock that they go by.
pub(crate) struct Schedules {
    clock: Arc<MovableClock>,
    /// Held while the clock is moved, so that nothing happens twice or out of order.
    entries: Mutex<Vec<Entry>>,
    run: Run,
    /// What happens by the clock beside the schedules.
    others: Option<Arc<dyn Events>>,
}

/// Things that happen by the clock and bring each other about, so that what comes next is known only when
/// the last has happened.
pub(crate) trait Events: Send + Sync {
    /// When the next one happens.
    fn next(&self) -> Option<Timestamp>;

    /// Lets everything happen that the clock has come to; `next` is later then.
    fn happen(&self) -> BoxFuture<'_, ()>;
}

struct Entry {
    schedule: Schedule,
    next: Timestamp,
    /// In the move of the clock that is under way.
    invocations: u32,
}

/// Invokes a schedule's function; returns when that is over, whatever came of it.
pub(crate) type Run = Box<dyn Fn(Schedule) -> BoxFuture<'static, ()> + Send + Sync>;

/// What happened while the clock moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) invocations: u32,
    /// Due moments that were skipped, because there were more than [`MOST_INVOCATIONS`].
    pub(crate) skipped: u64,
}

impl Schedules {
    /// Schedules that begin now, and a task that keeps them while the clock runs by itself.
    pub(crate) fn start(
        clock: Arc<MovableClock>,
        schedules: &[Schedule],
        run: Run,
        others: Option<Arc<dyn Events>>,
    ) -> (Arc<Self>, Server) {
        let schedules = Arc::new(Self { others, ..Self::new(clock, schedules, run) });
        let kept = schedules.clone();
        let server = Server::spawn(|stop| async move {
            let mut stop = std::pin::pin!(stop.wait());
            loop {
                tokio::select! {
                    () = &mut stop => return,
                    () = tokio::time::sleep(POLL) => {}
                }
                if let Err(error) = kept.advance(0).await {
                    tracing::error!(cause = ?error, "the schedules can't be kept");
                }
            }
        });
        (schedules, server)
    }

    fn new(clock: Arc<MovableClock>, schedules: &[Schedule], run: Run) -> Self {
        let now = clock.now();
        let entry = |schedule: &Schedule| Entry {
            next: now.plus(schedule.every),
            schedule: schedule.clone(),
            invocations: 0,
        };
        let entries = Mutex::new(schedules.iter().map(entry).collect());
        Self { clock, entries, run, others: None }
    }

    /// Moves the clock forward. Every moment on the way at which something is due happens, in order and
    /// to its end, with the clock at that moment. With `0`, only what the clock has passed by itself.
    pub(crate) async fn advance(&self, seconds: u32) -> io::Result<Passed> {
        let mut entries = self.entries.lock().await;
        let end = self.clock.now().plus(Duration::from_secs(u64::from(seconds)));
        let mut left = seconds;
        let mut passed = Passed::default();
        entries.iter_mut().for_each(|entry| entry.invocations = 0);
        let is_open = |entry: &&mut Entry| entry.invocations < MOST_INVOCATIONS;
        while let Some(entry) = entries.iter_mut().filter(is_open).min_by_key(|entry| entry.next)
            && entry.next <= end
        {
            self.advance_others(entry.next, &mut left).await?;
            self.step(entry.next, &mut left)?;
            entry.next = entry.next.plus(entry.schedule.every);
            (self.run)(entry.schedule.clone()).await;
            entry.invocations += 1;
            passed.invocations += 1;
        }
        passed.skipped = entries.iter_mut().map(|entry| entry.skip_to(end)).sum();
        self.advance_others(end, &mut left).await?;
        self.clock.advance(left)?;
        Ok(passed)
    }

    /// Lets the others happen until a moment.
    async fn advance_others(&self, until: Timestamp, left: &mut u32) -> io::Result<()> {
        let Some(others) = &self.others else { return Ok(()) };
        while let Some(next) = others.next().filter(|next| *next <= until) {
            self.step(next, left)?;
            others.happen().await;
        }
        Ok(())
    }

    /// Moves the clock to a moment, unless it runs by itself and has come there meanwhile.
    fn step(&self, to: Timestamp, left: &mut u32) -> io::Result<()> {
        let step = u32::try_from(self.clock.now().seconds_until(to)).unwrap_or(*left).min(*left);
        self.clock.advance(step)?;
        *left -= step;
        Ok(())
    }
}

impl Entry {
    /// Leaves out every moment up to `end`; says how many there were.
    fn skip_to(&mut self, end: Timestamp) -> u64 {
        if end < self.next {
            return 0;
        }
        let every = self.schedule.every.as_secs();
        let skipped = self.next.seconds_until(end) / every + 1;
        self.next = self.next.plus(Duration::from_secs(skipped * every));
        skipped
    }
}

#[cfg(test)]
mod tests;
