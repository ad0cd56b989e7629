//! Secrets are read again without a long wait in a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::clock::{Clock, Stopwatch, Timestamp};
use shared::secrets::{Keyring, PerSecret, REFRESH_INTERVAL, REFRESH_TIMEOUT, Secrets};
use tests::CapturedLog;
use tests::TestApp;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A Secrets Manager that can take its time.
struct SecretsManager {
    reads: AtomicUsize,
    /// Whether it answers.
    answers: watch::Sender<bool>,
}

async fn answer(State(manager): State<Arc<SecretsManager>>) -> Response {
    manager.reads.fetch_add(1, Ordering::SeqCst);
    manager.answers.subscribe().wait_for(|answers| *answers).await.unwrap();
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
    _app: TestApp,
}

impl Fixture {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let manager =
            SecretsManager { reads: AtomicUsize::new(0), answers: watch::Sender::new(true) };
        let manager = Arc::new(manager);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(manager.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = aws_sdk_secretsmanager::config::Builder::from(app.stack().sdk());
        let config = config.endpoint_url(url).build();
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
        let secrets = Secrets::load(client, ids, clock.clone()).await.unwrap();
        Self { manager, clock, secrets, _app: app }
    }

    /// Lets the secrets become old.
    fn pass_interval(&self) {
        let seconds = i64::try_from(REFRESH_INTERVAL.as_secs()).unwrap();
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn reads(&self) -> usize {
        self.manager.reads.load(Ordering::SeqCst)
    }

    /// Returns the keys and the time that it took.
    async fn timed_keyring(&self) -> (Arc<Keyring>, Duration) {
        let watch = Stopwatch::start();
        (self.secrets.keyring().await, watch.elapsed())
    }
}

#[tokio::test]
async fn slow_secrets_delay_a_request_by_half_a_second() {
    let (log, _guard) = CapturedLog::of_this_thread();
    let fixture = Fixture::start().await;
    let before = fixture.secrets.keyring().await;
    assert_eq!(fixture.reads(), 1);
    fixture.manager.answers.send_replace(false);
    fixture.pass_interval();
    // Requests that come together wait together, for one read.
    let (first, second) = tokio::join!(fixture.timed_keyring(), fixture.timed_keyring());
    for (keyring, elapsed) in [first, second] {
        assert!(Arc::ptr_eq(&keyring, &before), "the previous keys stay in use");
        assert!(elapsed >= REFRESH_TIMEOUT && elapsed < 6 * REFRESH_TIMEOUT, "{elapsed:?}");
    }
    // The next part of the request does not wait again.
    let (keyring, elapsed) = fixture.timed_keyring().await;
    assert!(Arc::ptr_eq(&keyring, &before) && elapsed < REFRESH_TIMEOUT, "{elapsed:?}");
    assert_eq!(fixture.reads(), 2);
    // The read goes on in the background, and is none that failed.
    fixture.manager.answers.send_replace(true);
    for _ in 0..100 {
        if !Arc::ptr_eq(&fixture.secrets.keyring().await, &before) {
            assert!(!log.text().contains("secrets not refreshed"), "{}", log.text());
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the new keys are never used");
}

#[tokio::test]
async fn fast_secrets_are_in_use_in_the_same_request() {
    let fixture = Fixture::start().await;
    let before = fixture.secrets.keyring().await;
    fixture.pass_interval();
    let (first, second) = tokio::join!(fixture.timed_keyring(), fixture.timed_keyring());
    assert!(!Arc::ptr_eq(&first.0, &before), "the new keys");
    assert!(Arc::ptr_eq(&first.0, &second.0), "all parts of a request use the same");
    assert_eq!(fixture.reads(), 2);
}
