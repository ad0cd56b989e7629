use std::sync::Mutex as Blocking;

use super::*;

const START: i64 = 1_773_342_238;
const HOUR: u32 = 60 * 60;
const DAY: u32 = 24 * HOUR;

/// The names of the invoked schedules, each with the seconds since the start.
type Log = Arc<Blocking<Vec<(String, i64)>>>;

struct Fixture {
    clock: Arc<MovableClock>,
    schedules: Schedules,
    log: Log,
}

impl Fixture {
    fn new(freeze_clock: bool, rates: &[(&str, u32)]) -> Self {
        let start = Some(Timestamp::from_seconds(START));
        let clock = Arc::new(MovableClock::start(None, start, freeze_clock).unwrap());
        let log = Log::default();
        let (at, kept) = (clock.clone(), log.clone());
        let run: RunSchedule = Box::new(move |schedule| {
            let (at, kept) = (at.clone(), kept.clone());
            Box::pin(async move {
                let began = at.now();
                // The clock waits for it, however long it takes.
                tokio::task::yield_now().await;
                assert!(at.now().seconds() - began.seconds() < 5);
                kept.lock().unwrap().push((schedule.name, began.seconds() - START));
            })
        });
        let schedule = |(name, seconds): &(&str, u32)| Schedule {
            name: (*name).to_owned(),
            every: Duration::from_secs(u64::from(*seconds)),
            input: "{}".to_owned(),
        };
        let all: Vec<_> = rates.iter().map(schedule).collect();
        Self { schedules: Schedules::new(clock.clone(), &all, run), clock, log }
    }

    async fn advance(&self, seconds: u32) -> (u32, u64) {
        let report = self.schedules.advance(seconds).await.unwrap();
        (report.invocations, report.skipped)
    }

    fn now(&self) -> i64 {
        self.clock.now().seconds() - START
    }

    fn invocation_times(&self) -> Vec<i64> {
        self.log.lock().unwrap().iter().map(|(_, at)| *at).collect()
    }
}

#[tokio::test]
async fn a_daily_schedule_runs_once_a_day_at_its_time() {
    let day = i64::from(DAY);
    let fixture = Fixture::new(true, &[("Daily", DAY)]);
    assert_eq!(fixture.advance(3 * DAY).await, (3, 0));
    assert_eq!(fixture.invocation_times(), [day, 2 * day, 3 * day]);
    assert_eq!(fixture.now(), 3 * day);

    assert_eq!(fixture.advance(DAY - 1).await, (0, 0));
    assert_eq!(fixture.now(), 4 * day - 1);
    assert_eq!(fixture.advance(1).await, (1, 0));
    assert_eq!(fixture.advance(DAY + 5).await, (1, 0));
    assert_eq!(fixture.invocation_times()[3..], [4 * day, 5 * day]);
    assert_eq!(fixture.now(), 5 * day + 5);
}

#[tokio::test]
async fn schedules_run_in_the_order_of_their_due_times() {
    let fixture = Fixture::new(true, &[("Slow", 3 * HOUR), ("Fast", 2 * HOUR)]);
    assert_eq!(fixture.advance(5 * HOUR).await, (3, 0));
    let names: Vec<_> = fixture.log.lock().unwrap().iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, ["Fast", "Slow", "Fast"]);
}

#[tokio::test]
async fn invocations_beyond_the_limit_are_skipped() {
    let fixture = Fixture::new(true, &[("Daily", DAY)]);
    assert_eq!(fixture.advance(500 * DAY + 30).await, (400, 100));
    assert_eq!(fixture.invocation_times().last(), Some(&(400 * i64::from(DAY))));
    assert_eq!(fixture.now(), 500 * i64::from(DAY) + 30);
    // It goes on in its own time.
    assert_eq!(fixture.advance(DAY - 31).await, (0, 0));
    assert_eq!(fixture.advance(1).await, (1, 0));
    // Each schedule has a limit of its own.
    let fixture = Fixture::new(true, &[("Daily", DAY), ("Billing", DAY), ("Hourly", HOUR)]);
    assert_eq!(fixture.advance(3 * DAY).await, (2 * 3 + 14, 58));
    assert_eq!(fixture.advance(500 * DAY).await, (3 * 400, 2 * 100 + 11_600));
}

#[tokio::test]
async fn an_hourly_schedule_runs_daily_in_a_long_move() {
    let hour = i64::from(HOUR);
    let fixture = Fixture::new(true, &[("Hourly", HOUR)]);
    // At the first and the last six hours of a day, and of three days also once in each day between.
    assert_eq!(fixture.advance(DAY).await, (12, 12));
    let times: Vec<_> = fixture.invocation_times().iter().map(|at| at / hour).collect();
    assert_eq!(times, [1, 2, 3, 4, 5, 6, 19, 20, 21, 22, 23, 24]);
    assert_eq!(fixture.advance(3 * DAY).await, (14, 58));
    let times: Vec<_> = fixture.invocation_times().iter().map(|at| at / hour - 24).collect();
    assert_eq!(times[12..], [1, 2, 3, 4, 5, 6, 30, 54, 67, 68, 69, 70, 71, 72]);
    // A short move skips nothing.
    assert_eq!(fixture.advance(12 * HOUR).await, (12, 0));
}

#[tokio::test]
async fn a_move_without_runs_skips_all_due_times() {
    let fixture = Fixture::new(true, &[("Daily", DAY)]);
    let report = fixture.schedules.advance_without_runs(3 * DAY + 30).await.unwrap();
    assert_eq!((report.invocations, report.skipped), (0, 3));
    assert_eq!(fixture.now(), 3 * i64::from(DAY) + 30);
    // It goes on in its own time.
    assert_eq!(fixture.advance(DAY - 31).await, (0, 0));
    assert_eq!(fixture.advance(1).await, (1, 0));
    assert_eq!(fixture.invocation_times(), [4 * i64::from(DAY)]);
}

#[tokio::test]
async fn due_times_that_the_clock_passes_by_itself_are_run() {
    let fixture = Fixture::new(false, &[("Daily", DAY)]);
    assert_eq!(fixture.advance(0).await, (0, 0));
    fixture.clock.advance(2 * DAY).unwrap();
    assert_eq!(fixture.advance(0).await, (2, 0));
    assert_eq!(fixture.advance(0).await, (0, 0));
    assert!((0..60).contains(&(fixture.now() - 2 * i64::from(DAY))));
}
