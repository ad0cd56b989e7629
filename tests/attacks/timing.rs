//! The duration of a response does not reveal whether an address has an account.
//!
//! The statistic is the two-sample Kolmogorov–Smirnov distance: the largest difference between the
//! cumulative distributions of the two durations. With 200 responses of each kind, chance exceeds
//! 0.163 once in a hundred comparisons of equal distributions (1.63 · √(2/200)).
//!
//! The worker that mails a known address runs in the same process, and the machine has other work.
//! The threshold is therefore 0.3, and a test fails after six measurements in a row above it.
//!
//! A request for a code takes about 3 % longer for a known address in a debug build, which deserializes an
//! account slowly. On a quiet machine that alone is a distance of 0.5. The distance of such requests is
//! therefore the smallest one after all durations of one kind are multiplied by a factor between 0.96 and 1.04. For
//! requests that hash a password, the factor is between 0.99 and 1.01.
//!
//! | measured | distance |
//! |---|---|
//! | with the work that replaces that of an account | 0.05 to 0.16 |
//! | without the decoy of the mail: password reset | 0.42 to 0.78 |
//! | without the decoy of the mail: new verification code | 0.44 to 0.50 |
//! | without the decoy of the mail: change of address | the same: hashing takes most of the time |
//! | without hashing a password for an unknown address: sign-in | 1 |

use serde_json::json;
use shared::clock::Stopwatch;
use tests::{Person, Reply, TestApp, Visitor};

/// The distance above which a measurement fails; the module documentation gives its source.
const THRESHOLD: f64 = 0.3;

/// The relative difference in duration that is tolerated in requests for a code; the module documentation gives
/// its source.
const CODE_REQUEST_TOLERANCE: f64 = 0.04;

/// The relative difference in duration that is tolerated in requests that hash a password. Deserializing an account
/// takes less than one hundredth of the time of a hash.
const HASH_TOLERANCE: f64 = 0.01;

/// The number of failed measurements after which a test fails.
const MEASUREMENTS: usize = 6;

/// The number of addresses with an account, and of addresses without one.
const ACCOUNTS: usize = 50;

/// The number of calls for each address, which is below the limits that count by address.
const ROUNDS: usize = 4;

/// Measures until the response times of known and unknown addresses are alike.
async fn assert_equal_durations<F>(
    app: &TestApp,
    tolerance: f64,
    call: impl Fn(Visitor, String, usize) -> F,
) where
    F: Future<Output = Reply>,
{
    let mut distances = vec![];
    while distances.len() < MEASUREMENTS {
        let ResponseTimes { known, unknown } = ResponseTimes::measure(app, &call).await;
        let distance = calculate_tolerant_distance(tolerance, &known, &unknown);
        if distance < THRESHOLD {
            return;
        }
        distances.push(distance);
        // The counters of an address expire after a day.
        app.advance_clock(24 * 3600).await;
    }
    panic!("distances {distances:?}");
}

/// The response times in milliseconds for addresses with an account and without one.
#[derive(Default)]
struct ResponseTimes {
    known: Vec<f64>,
    unknown: Vec<f64>,
}

impl ResponseTimes {
    /// Measures calls for each account and for as many addresses without one, alternately.
    async fn measure<F>(app: &TestApp, call: &impl Fn(Visitor, String, usize) -> F) -> Self
    where
        F: Future<Output = Reply>,
    {
        let mut times = Self::default();
        for round in 0..ROUNDS {
            for account in 0..ACCOUNTS {
                let mut kinds = [("known", &mut times.known), ("nobody", &mut times.unknown)];
                if (round + account) % 2 == 1 {
                    kinds.reverse();
                }
                for (who, times) in kinds {
                    let (visitor, email) = (app.visitor(), format!("{who}{account}@example.com"));
                    // The connection is made before the stopwatch starts.
                    visitor.get("/v1/health").await.expect(200);
                    let watch = Stopwatch::start();
                    call(visitor, email, account).await;
                    times.push(watch.milliseconds());
                    // Another function sends mails in the background. Waiting for it keeps it out
                    // of the next measurement.
                    app.mails("nobody").await;
                }
            }
            app.advance_clock(61).await;
        }
        times
    }
}

/// Starts a stack with accounts on the embedded engine, because DynamoDB Local adds random delays.
async fn start_with_accounts() -> TestApp {
    let app = TestApp::start_with_production_passwords().await;
    for number in 0..ACCOUNTS {
        app.register_unverified(&format!("known{number}")).await;
    }
    app
}

/// Verifies the addresses of all accounts.
async fn verify_addresses(app: &TestApp) {
    for number in 0..ACCOUNTS {
        let email = format!("known{number}@example.com");
        let body = json!({"email": email, "code": app.code(&email).await});
        app.visitor().post("/v1/verify-email", body).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn enumeration_login_takes_the_same_time() {
    let app = start_with_accounts().await;
    let wrong = async |visitor: Visitor, email: String, _| {
        let body = json!({"email": email, "password": "wrong-horse-9"});
        visitor.post("/v1/login", body).await.expect(401)
    };
    assert_equal_durations(&app, HASH_TOLERANCE, wrong).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enumeration_resend_takes_the_same_time() {
    let app = start_with_accounts().await;
    app.advance_clock(61).await;
    let resend = async |visitor: Visitor, email: String, _| {
        visitor.post("/v1/verify-email/resend", json!({"email": email})).await.expect(200)
    };
    assert_equal_durations(&app, CODE_REQUEST_TOLERANCE, resend).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enumeration_forgot_takes_the_same_time() {
    let app = start_with_accounts().await;
    verify_addresses(&app).await;
    let forgot = async |visitor: Visitor, email: String, _| {
        visitor.post("/v1/password/forgot", json!({"email": email})).await.expect(200)
    };
    assert_equal_durations(&app, CODE_REQUEST_TOLERANCE, forgot).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enumeration_email_change_takes_the_same_time() {
    let app = start_with_accounts().await;
    verify_addresses(&app).await;
    // One account asks for a known address, and another one for an unknown address.
    let mut askers: Vec<Person> = vec![];
    for number in 0..2 * ACCOUNTS {
        askers.push(app.sign_up(&format!("asker{number}")).await);
    }
    let askers = &askers;
    let change = async |visitor: Visitor, email: String, account: usize| {
        let asker = if email.starts_with("known") { account } else { ACCOUNTS + account };
        let body = json!({"new_email": email, "password": tests::PASSWORD});
        let visitor = visitor.with_session(askers[asker].session.as_ref().unwrap());
        visitor.post("/v1/me/email", body).await.expect(200)
    };
    assert_equal_durations(&app, HASH_TOLERANCE, change).await;
}

/// Calculates the smallest distance after one of the distributions is scaled within the relative tolerance.
fn calculate_tolerant_distance(tolerance: f64, known: &[f64], unknown: &[f64]) -> f64 {
    let steps = -10..=10;
    let factors = steps.map(|step| 1.0 + tolerance * f64::from(step) / 10.0);
    let distances = factors.map(|factor| {
        let scaled = unknown.iter().map(|duration| duration * factor).collect();
        calculate_distance(known.to_vec(), scaled)
    });
    distances.fold(1.0, f64::min)
}

/// Calculates the largest difference between the two cumulative distributions.
fn calculate_distance(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let share = |sorted: &[f64], up_to: f64| {
        sorted.partition_point(|value| *value <= up_to) as f64 / sorted.len() as f64
    };
    a.iter().chain(&b).map(|at| (share(&a, *at) - share(&b, *at)).abs()).fold(0.0, f64::max)
}
