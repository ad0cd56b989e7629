//! Secrets are read again without a long wait in a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use serde_json::json;
use shared::clock::{Clock, Stopwatch, Timestamp};
use shared::secrets::{Keyring, PerSecret, REFRESH_INTERVAL, Secrets};
use tests::test_server::serve;
use tests::wait::wait_until;
use tests::{CapturedLog, TestApp};
use tokio::sync::watch;

/// A limit that a test waits for.
const SHORT_LIMIT: Duration = Duration::from_millis(50);

/// A limit that no test waits for.
const LONG_LIMIT: Duration = Duration::from_secs(60);

/// What Secrets Manager does with a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reaction {
    Wait,
    Answer,
    Refuse,
}

/// A Secrets Manager that can take its time.
struct SecretsManager {
    reads: AtomicUsize,
    reaction: watch::Sender<Reaction>,
}

async fn answer(State(manager): State<Arc<SecretsManager>>) -> Response {
    manager.reads.fetch_add(1, Ordering::SeqCst);
    let mut reactions = manager.reaction.subscribe();
    let reaction = *reactions.wait_for(|reaction| *reaction != Reaction::Wait).await.unwrap();
    if reaction == Reaction::Refuse {
        return (StatusCode::BAD_REQUEST, "{}").into_response();
    }
    let document = json!({"seed": "0123456789abcdef0123456789abcdef"}).to_string();
    let secret = json!({"ARN": "storage", "Name": "storage", "SecretString": document});
    let body = json!({"SecretValues": [secret], "Errors": []}).to_string();
    ([("content-type", "application/x-amz-json-1.1")], body).into_response()
}

/// A clock that only a test moves.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

/// The secrets of a function, and what they depend on.
struct Fixture {
    manager: Arc<SecretsManager>,
    clock: Arc<TestClock>,
    secrets: Secrets,
    /// The keys that the function reads at its start.
    first_keys: Arc<Keyring>,
    _app: TestApp,
}

impl Fixture {
    /// Reads the secrets. Requests wait for a refresh for `limit`.
    async fn start(limit: Duration) -> Self {
        let app = TestApp::start().await;
        let (reads, reaction) = (AtomicUsize::new(0), watch::Sender::new(Reaction::Answer));
        let manager = Arc::new(SecretsManager { reads, reaction });
        let url = serve(Router::new().fallback(answer).with_state(manager.clone())).await;
        // A call ends when the test lets it, and is one request.
        let timeouts = TimeoutConfig::builder().disable_operation_attempt_timeout();
        let timeouts = timeouts.operation_timeout(Duration::from_secs(60)).build();
        let config = aws_sdk_secretsmanager::config::Builder::from(app.stack().sdk());
        let config = config.endpoint_url(url).timeout_config(timeouts);
        let config = config.retry_config(RetryConfig::disabled()).build();
        let client = aws_sdk_secretsmanager::Client::from_conf(config);
        let clock = Arc::new(TestClock(AtomicI64::new(app.now().await)));
        let ids = PerSecret {
            storage: "storage".to_owned(),
            session: None,
            account: None,
            signing: None,
            google: None,
            stripe: None,
        };
        let secrets = Secrets::load(client, ids, clock.clone(), limit).await.unwrap();
        let first_keys = secrets.keyring().await;
        Self { manager, clock, secrets, first_keys, _app: app }
    }

    fn pass(&self, time: Duration) {
        self.clock.0.fetch_add(i64::try_from(time.as_secs()).unwrap(), Ordering::SeqCst);
    }

    fn react(&self, reaction: Reaction) {
        self.manager.reaction.send_replace(reaction);
    }

    fn reads(&self) -> usize {
        self.manager.reads.load(Ordering::SeqCst)
    }

    fn is_first(&self, keyring: &Arc<Keyring>) -> bool {
        Arc::ptr_eq(keyring, &self.first_keys)
    }

    /// Begins a refresh that lasts, and that its caller no longer waits for.
    async fn begin_slow_refresh(&self) {
        self.react(Reaction::Wait);
        self.pass(REFRESH_INTERVAL);
        assert!(self.is_first(&self.secrets.keyring().await), "the previous keys stay in use");
        wait_until("the read", async || self.reads() == 2).await;
    }

    /// Asserts that a request uses the first keys and does not wait.
    fn assert_first_at_once(&self) {
        let keyring = self.secrets.keyring().now_or_never().expect("a request does not wait");
        assert!(self.is_first(&keyring), "the previous keys stay in use");
    }

    async fn wait_for_new_keys(&self) {
        let is_new = async || !self.is_first(&self.secrets.keyring().await);
        wait_until("the new keys", is_new).await;
    }
}

#[tokio::test]
async fn slow_secrets_delay_a_request_for_a_limited_time() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let fixture = Fixture::start(SHORT_LIMIT).await;
    assert_eq!(fixture.reads(), 1);
    fixture.react(Reaction::Wait);
    fixture.pass(REFRESH_INTERVAL);
    // Requests that come together wait together, for one read.
    let request = async || {
        let watch = Stopwatch::start();
        (fixture.secrets.keyring().await, watch.elapsed())
    };
    let (first, second) = tokio::join!(request(), request());
    for (keyring, elapsed) in [first, second] {
        assert!(fixture.is_first(&keyring), "the previous keys stay in use");
        assert!(elapsed >= SHORT_LIMIT, "{elapsed:?}");
    }
    wait_until("the read", async || fixture.reads() == 2).await;
    // The next part of the request does not wait again.
    fixture.assert_first_at_once();
    // The read goes on in the background, and is none that failed.
    fixture.react(Reaction::Answer);
    fixture.wait_for_new_keys().await;
    assert_eq!(fixture.reads(), 2);
    assert!(!log.text().contains("secrets not refreshed"), "{}", log.text());
}

#[tokio::test]
async fn fast_secrets_are_in_use_in_the_same_request() {
    let fixture = Fixture::start(LONG_LIMIT).await;
    fixture.pass(REFRESH_INTERVAL);
    let (first, second) = tokio::join!(fixture.secrets.keyring(), fixture.secrets.keyring());
    assert!(!fixture.is_first(&first), "the new keys");
    assert!(Arc::ptr_eq(&first, &second), "all parts of a request use the same");
    assert_eq!(fixture.reads(), 2);
}

/// `docs/DEPLOY.md` promises that every function knows a key after ten minutes.
#[tokio::test]
async fn a_request_waits_for_the_successor_of_old_secrets() {
    let fixture = Fixture::start(SHORT_LIMIT).await;
    fixture.react(Reaction::Wait);
    fixture.pass(2 * REFRESH_INTERVAL);
    let answer_late = async {
        wait_until("the read", async || fixture.reads() == 2).await;
        tokio::time::sleep(4 * SHORT_LIMIT).await;
        fixture.react(Reaction::Answer);
    };
    let (keyring, ()) = tokio::join!(fixture.secrets.keyring(), answer_late);
    assert!(!fixture.is_first(&keyring), "the new keys");
}

#[tokio::test]
async fn old_secrets_are_not_spared_by_a_slow_refresh() {
    let fixture = Fixture::start(SHORT_LIMIT).await;
    fixture.react(Reaction::Wait);
    // A request that stops waiting ten seconds before the secrets are old puts the next attempt off for ten seconds.
    fixture.pass(2 * REFRESH_INTERVAL - Duration::from_secs(10));
    assert!(fixture.is_first(&fixture.secrets.keyring().await));
    fixture.pass(Duration::from_secs(9));
    fixture.assert_first_at_once();
    fixture.pass(Duration::from_secs(1));
    assert!(fixture.secrets.keyring().now_or_never().is_none(), "a request waits");
}

#[tokio::test]
async fn a_refresh_that_fails_late_is_repeated_after_30_s() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let fixture = Fixture::start(SHORT_LIMIT).await;
    fixture.begin_slow_refresh().await;
    fixture.react(Reaction::Refuse);
    wait_until("the error", async || log.text().contains("secrets not refreshed")).await;
    fixture.react(Reaction::Answer);
    fixture.assert_first_at_once();
    fixture.pass(Duration::from_secs(29));
    fixture.assert_first_at_once();
    assert_eq!(fixture.reads(), 2);
    fixture.pass(Duration::from_secs(1));
    fixture.wait_for_new_keys().await;
    assert_eq!(fixture.reads(), 3);
}

/// Lambda freezes a function after its response. A call that it was waiting for times out when it goes on.
#[tokio::test]
async fn a_refresh_of_a_frozen_function_is_no_failure() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let fixture = Fixture::start(SHORT_LIMIT).await;
    fixture.begin_slow_refresh().await;
    // Shorter than the time until the next attempt after a failure.
    fixture.pass(Duration::from_secs(20));
    fixture.react(Reaction::Refuse);
    let is_logged = async || log.text().contains("a refresh of the secrets was interrupted");
    wait_until("the warning", is_logged).await;
    fixture.react(Reaction::Answer);
    fixture.wait_for_new_keys().await;
    assert_eq!(fixture.reads(), 3);
    assert!(!log.text().contains("secrets not refreshed"), "{}", log.text());
}
