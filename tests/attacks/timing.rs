//! Whether an address has an account can't be told from how long an answer takes.
//!
//! Statistic: the two-sample Kolmogorov–Smirnov distance, the largest difference between the shares of
//! answers that came within some time. With 200 answers of each kind, 0.163 is exceeded by chance once
//! in a hundred comparisons of the same distribution (1.63 · √(2/200)). Here the worker that sends a
//! known address's mail runs in the same process, and the machine does other things meanwhile, so the
//! threshold is 0.3, and a test fails when three measurements in a row are above it. Measured: 0.10 to
//! 0.24 as it is; without the work that stands in for an account's 0.51 (forgot), 0.68 (resend), 0.40
//! (change of address, where hashing the password is most of the time) and 1 (login).

use serde_json::json;
use shared::clock::Stopwatch;
use tests::{Person, Reply, TestApp, Visitor};

/// See above.
const THRESHOLD: f64 = 0.3;

/// See above.
const MEASUREMENTS: usize = 3;

/// Accounts that exist, and addresses that don't.
const ACCOUNTS: usize = 50;

/// Calls for each: below the limits that are counted by address.
const ROUNDS: usize = 4;

/// Measures until the answers are alike.
async fn takes_the_same_time<F>(app: &TestApp, call: impl Fn(Visitor, String, usize) -> F)
where
    F: Future<Output = Reply>,
{
    let mut distances = vec![];
    while distances.len() < MEASUREMENTS {
        let Times { known, unknown } = Times::of(app, &call).await;
        let distance = kolmogorov_smirnov(known, unknown);
        if distance < THRESHOLD {
            return;
        }
        distances.push(distance);
        // What is counted by address is forgotten.
        app.advance_clock(24 * 3600).await;
    }
    panic!("distances {distances:?}");
}

/// Milliseconds for each answer, for addresses with an account and without.
#[derive(Default)]
struct Times {
    known: Vec<f64>,
    unknown: Vec<f64>,
}

impl Times {
    /// Calls for every account and as many addresses without one, in turns.
    async fn of<F>(app: &TestApp, call: &impl Fn(Visitor, String, usize) -> F) -> Self
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
                    // The connection is made before the clock runs.
                    visitor.get("/v1/health").await.expect(200);
                    let watch = Stopwatch::start();
                    call(visitor, email, account).await;
                    times.push(watch.milliseconds());
                    // Mail is sent by another function, in the background: not in the next turn.
                    app.mails("nobody").await;
                }
            }
            app.advance_clock(61).await;
        }
        times
    }
}

/// On the embedded engine whatever the others run on: what is compared is our work, and DynamoDB Local
/// takes its time by chance.
async fn world_of_known() -> TestApp {
    let app = TestApp::start_with_production_passwords().await;
    for number in 0..ACCOUNTS {
        app.register_unverified(&format!("known{number}")).await;
    }
    app
}

async fn prove(app: &TestApp) {
    for number in 0..ACCOUNTS {
        let email = format!("known{number}@example.com");
        let body = json!({"email": email, "code": app.code(&email).await});
        app.visitor().post("/v1/verify-email", body).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn enumeration_login_takes_the_same_time() {
    let app = world_of_known().await;
    let wrong = async |visitor: Visitor, email: String, _| {
        let body = json!({"email": email, "password": "wrong-horse-9"});
        visitor.post("/v1/login", body).await.expect(401)
    };
    takes_the_same_time(&app, wrong).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enumeration_resend_takes_the_same_time() {
    let app = world_of_known().await;
    app.advance_clock(61).await;
    let resend = async |visitor: Visitor, email: String, _| {
        visitor.post("/v1/verify-email/resend", json!({"email": email})).await.expect(200)
    };
    takes_the_same_time(&app, resend).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enumeration_forgot_takes_the_same_time() {
    let app = world_of_known().await;
    prove(&app).await;
    let forgot = async |visitor: Visitor, email: String, _| {
        visitor.post("/v1/password/forgot", json!({"email": email})).await.expect(200)
    };
    takes_the_same_time(&app, forgot).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enumeration_email_change_takes_the_same_time() {
    let app = world_of_known().await;
    prove(&app).await;
    // Who asks, once for a known address and once for an unknown one.
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
    takes_the_same_time(&app, change).await;
}

fn kolmogorov_smirnov(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let share = |sorted: &[f64], up_to: f64| {
        sorted.partition_point(|value| *value <= up_to) as f64 / sorted.len() as f64
    };
    a.iter().chain(&b).map(|at| (share(&a, *at) - share(&b, *at)).abs()).fold(0.0, f64::max)
}
