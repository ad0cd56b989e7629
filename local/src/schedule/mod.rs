//! Schedules: the worker is invoked when the stack's clock passes a due time of a schedule. The first is one interval
//! after the start. A long move of the clock skips due times of a schedule that runs often.

mod invocation;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use shared::clock::{Clock, Timestamp};
use tokio::sync::Mutex;

use crate::clock::MovableClock;
use crate::stoppable_task::StoppableTask;
use crate::template::Schedule;

pub(crate) use invocation::Invocation;

/// The maximum number of invocations of one schedule in one move of the clock: more than a year of a daily
/// schedule. Further due times are skipped, because moving the clock by years would take too long.
const MAX_INVOCATIONS: u32 = 400;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The number of due times at both ends of a move of the clock at which a schedule is run. Between them, it is run once
/// a day. An hourly schedule would otherwise run 700 times in a month, and nobody would wait for that.
const INVOCATIONS_AT_EACH_END: u64 = 6;

/// The interval at which a running clock is checked for due times.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// All schedules with their clock.
pub(crate) struct Schedules {
    clock: Arc<MovableClock>,
    /// Locked while the clock moves, so that nothing happens twice or out of order.
    entries: Mutex<Vec<ScheduleEntry>>,
    run: RunSchedule,
    /// Events besides the schedules that depend on the clock.
    timed_events: Option<Arc<dyn TimedEvents>>,
}

/// Events that happen at times of the stack's clock. An event may cause others, so the next time is only known
/// after all earlier events have happened.
pub(crate) trait TimedEvents: Send + Sync {
    /// Returns the time of the next event.
    fn next_at(&self) -> Option<Timestamp>;

    /// Runs all events that are due. Afterwards [`TimedEvents::next_at`] is in the future.
    fn run_due_events(&self) -> BoxFuture<'_, ()>;
}

struct ScheduleEntry {
    schedule: Schedule,
    next: Timestamp,
    /// The number of invocations in the current move of the clock.
    invocations: u32,
}

/// A function that invokes the worker for a schedule, and returns when the invocation has succeeded or was
/// given up.
pub(crate) type RunSchedule = Box<dyn Fn(Schedule) -> BoxFuture<'static, ()> + Send + Sync>;

/// The invocations during one move of the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AdvanceReport {
    pub(crate) invocations: u32,
    /// The number of due times that were skipped.
    pub(crate) skipped: u64,
}

impl Schedules {
    /// Starts the schedules, and a task that runs them while the clock runs by itself.
    pub(crate) fn start(
        clock: Arc<MovableClock>,
        schedules: &[Schedule],
        run: RunSchedule,
        timed_events: Option<Arc<dyn TimedEvents>>,
    ) -> (Arc<Self>, StoppableTask) {
        let schedules = Arc::new(Self { timed_events, ..Self::new(clock, schedules, run) });
        let kept = schedules.clone();
        let server = StoppableTask::spawn(|stop| async move {
            let mut stop = std::pin::pin!(stop.wait());
            loop {
                tokio::select! {
                    () = &mut stop => return,
                    () = tokio::time::sleep(POLL_INTERVAL) => {}
                }
                if let Err(error) = kept.advance(0).await {
                    tracing::error!(cause = ?error, "the schedules cannot be run");
                }
            }
        });
        (schedules, server)
    }

    fn new(clock: Arc<MovableClock>, schedules: &[Schedule], run: RunSchedule) -> Self {
        let now = clock.now();
        let entry = |schedule: &Schedule| ScheduleEntry {
            next: now.plus(schedule.every),
            schedule: schedule.clone(),
            invocations: 0,
        };
        let entries = Mutex::new(schedules.iter().map(entry).collect());
        Self { clock, entries, run, timed_events: None }
    }

    /// Moves the clock forward, and stops at due times on the way until the invocation is over. Of a schedule that runs
    /// more than once a day, only [`INVOCATIONS_AT_EACH_END`] due times at both ends of the move and one a day between
    /// them are run; the others are skipped. With `0`, runs only what is due already.
    ///
    /// # Errors
    /// The I/O error if the clock's offset cannot be written.
    pub(crate) async fn advance(&self, seconds: u32) -> io::Result<AdvanceReport> {
        let mut entries = self.entries.lock().await;
        let end = self.clock.now().plus(Duration::from_secs(u64::from(seconds)));
        let mut remaining = seconds;
        let mut report = AdvanceReport::default();
        entries.iter_mut().for_each(|entry| entry.invocations = 0);
        let is_below_limit = |entry: &&mut ScheduleEntry| entry.invocations < MAX_INVOCATIONS;
        while let Some(entry) =
            entries.iter_mut().filter(is_below_limit).min_by_key(|entry| entry.next)
            && entry.next <= end
        {
            self.advance_timed_events(entry.next, &mut remaining).await?;
            self.advance_to(entry.next, &mut remaining)?;
            (self.run)(entry.schedule.clone()).await;
            entry.invocations += 1;
            report.invocations += 1;
            report.skipped += entry.move_on(end);
        }
        report.skipped += entries.iter_mut().map(|entry| entry.skip_to(end)).sum::<u64>();
        self.advance_timed_events(end, &mut remaining).await?;
        self.clock.advance(remaining)?;
        Ok(report)
    }

    /// Moves the clock forward and runs no schedule. Other events that depend on the clock happen on the way.
    ///
    /// # Errors
    /// The I/O error if the clock's offset cannot be written.
    pub(crate) async fn advance_without_runs(&self, seconds: u32) -> io::Result<AdvanceReport> {
        let mut entries = self.entries.lock().await;
        let end = self.clock.now().plus(Duration::from_secs(u64::from(seconds)));
        let mut remaining = seconds;
        self.advance_timed_events(end, &mut remaining).await?;
        self.clock.advance(remaining)?;
        let skipped = entries.iter_mut().map(|entry| entry.skip_to(end)).sum();
        Ok(AdvanceReport { invocations: 0, skipped })
    }

    /// Runs all timed events until a time.
    async fn advance_timed_events(&self, until: Timestamp, remaining: &mut u32) -> io::Result<()> {
        let Some(timed_events) = &self.timed_events else { return Ok(()) };
        while let Some(next) = timed_events.next_at().filter(|next| *next <= until) {
            self.advance_to(next, remaining)?;
            timed_events.run_due_events().await;
        }
        Ok(())
    }

    /// Moves the clock to a time, unless it has passed that time by itself.
    fn advance_to(&self, to: Timestamp, remaining: &mut u32) -> io::Result<()> {
        let seconds =
            u32::try_from(self.clock.now().seconds_until(to)).unwrap_or(*remaining).min(*remaining);
        self.clock.advance(seconds)?;
        *remaining -= seconds;
        Ok(())
    }
}

impl ScheduleEntry {
    /// Moves on to the next due time of a move of the clock to `end`, and returns how many due times it skips.
    fn move_on(&mut self, end: Timestamp) -> u64 {
        let every = self.schedule.every.as_secs();
        let left = self.next.seconds_until(end) / every;
        let is_first = u64::from(self.invocations) < INVOCATIONS_AT_EACH_END;
        let between = if is_first { 0 } else { left.saturating_sub(INVOCATIONS_AT_EACH_END) };
        let skipped = between.min((DAY.as_secs() / every).saturating_sub(1));
        self.next = self.next.plus(Duration::from_secs((skipped + 1) * every));
        skipped
    }

    /// Skips every due time up to `end`, and returns how many there were.
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
