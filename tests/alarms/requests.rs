//! What makes the alarms on the logs of all functions ring.

use serde_json::{Value, json};
use tests::CapturedLog;
use tests::billing::BillingFixture;
use tests::faults::PERMANENTLY;
use tests::log_alarm::LogAlarm;
use tests::secrets::store_secret;
use tests::{CARD, Fault, FaultProxy, Person, TestApp};

/// The number of failed deliveries of a period, of which the alarm needs more than two.
const DELIVERIES: usize = 3;

#[tokio::test]
async fn refused_webhooks_ring_webhook_failures() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let fixture = BillingFixture { app, ada, client };
    let app = &fixture.app;
    let alarm = LogAlarm::read("WebhookFailuresAlarm");
    app.set_webhook_delivery("hold").await;
    fixture.buy_credits(500, CARD).await;
    let held = app.held_webhooks().await;
    let (event, _) = held.iter().find(|(_, kind)| kind == "checkout.session.completed").unwrap();
    app.wait_for_worker().await;
    engine.inject(Fault::Broken, 0, PERMANENTLY);
    let mut periods = Vec::new();
    for _ in 0..2 {
        log.take_lines();
        for _ in 0..DELIVERIES {
            let sent = app.control_stripe("deliveries/send", json!({"event": event})).await;
            assert_eq!(sent["data"][0]["status"], 503, "{sent}");
        }
        let mut lines = log.take_lines();
        lines.retain(|line| line["service"] == "webhooks");
        assert_eq!(lines.len(), DELIVERIES, "a line for each request");
        periods.push(lines);
    }
    assert!(engine.clear_fault());
    let [first, second] = &periods[..] else { panic!("two periods") };
    assert!(alarm.rings("webhooks", &[first, &[], second]));
    assert!(!alarm.rings("webhooks", &[&[], &[], first]), "Stripe repeats what failed once");
    assert!(!alarm.rings("webhooks", &[&first[1..], &second[1..], &[]]));
    // A delivery that succeeds does not count.
    log.take_lines();
    let sent = app.control_stripe("deliveries/send", json!({"event": event})).await;
    assert_eq!(sent["data"][0]["status"], 200, "{sent}");
    assert_eq!(alarm.value("webhooks", &log.take_lines()), None);
    app.assert_ledgers_consistent().await;
}

/// A stack with a signed-up user, whose requests reach each function.
struct Callers {
    app: TestApp,
    ada: Person,
    user_id: String,
    client: String,
}

/// Makes a function use its secrets.
async fn use_secrets(callers: &Callers, function: &str) {
    let Callers { app, ada, user_id, client } = callers;
    let credits = format!("/v1/clients/{client}/credits");
    let projects = format!("/v1/projects?org_id={client}");
    let path = match function {
        "admin" => {
            app.operate_well(json!({"name": "lift_lock", "user_id": user_id})).await;
            return;
        }
        "webhooks" => {
            let visitor = app.visitor().with_header("stripe-signature", "t=1,v1=00");
            visitor.post("/v1/webhooks/stripe", json!({})).await.expect(400);
            return;
        }
        // The function `auth` enqueues a mail, which the worker opens.
        "worker" => {
            let body = json!({"email": ada.email});
            app.visitor().post("/v1/password/forgot", body).await.expect(200);
            app.wait_for_worker().await;
            return;
        }
        "dashboard" => "/account/profile",
        "auth" => "/v1/me",
        "billing" => credits.as_str(),
        "clients" => "/v1/clients",
        "passkeys" => "/v1/passkeys",
        "projects" => projects.as_str(),
        "tokens" => "/v1/tokens",
        other => panic!("how does {other} use its secrets?"),
    };
    ada.get(path).await.expect(200);
}

/// Makes a function use its secrets. Returns the lines that it logs for that, without those of other functions. `admin`
/// and the worker log with the id of an invocation, which is no request's.
async fn log_of_use(callers: &Callers, log: &CapturedLog, function: &str) -> Vec<Value> {
    log.take_lines();
    use_secrets(callers, function).await;
    let mut lines = log.take_lines();
    let ids = |is_wanted: &dyn Fn(&Value) -> bool| -> Vec<_> {
        let of_requests = lines.iter().filter(|line| is_wanted(&line["service"]));
        of_requests.map(|line| line["request_id"].clone()).collect()
    };
    let (own, all) = (ids(&|service| service == function), ids(&|service| !service.is_null()));
    let has_requests = !["admin", "worker"].contains(&function);
    assert_eq!(!own.is_empty(), has_requests, "{function}: {lines:?}");
    lines.retain(|line| {
        let id = &line["request_id"];
        if has_requests { own.contains(id) } else { !all.contains(id) }
    });
    lines
}

/// Each function goes on with the secrets that it has.
#[tokio::test]
async fn an_unreadable_secret_rings_secrets_not_refreshed() {
    let (log, _guard) = CapturedLog::of_current_thread();
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (user_id, client) = (ada.id().await.to_string(), ada.default_client().await);
    app.wait_for_worker().await;
    let callers = Callers { app, ada, user_id, client };
    let app = &callers.app;
    let alarm = LogAlarm::read("SecretsNotRefreshedAlarm");
    let functions = local::function_binaries().unwrap();
    // The worker is the last, so that `auth` has tried before it enqueues a mail for the worker.
    assert_eq!(functions.last(), Some(&"worker"));
    app.advance_clock(300).await;
    for function in &functions {
        let lines = log_of_use(&callers, &log, function).await;
        assert_eq!(alarm.value(function, &lines), None, "{function}: {lines:?}");
    }
    store_secret(app, |ids| Some(&ids.storage), |secret| *secret = json!({})).await;
    let mut periods: Vec<Vec<Vec<Value>>> = Vec::new();
    for _ in 0..2 {
        app.advance_clock(300).await;
        let mut of_functions = Vec::new();
        for function in &functions {
            of_functions.push(log_of_use(&callers, &log, function).await);
        }
        periods.push(of_functions);
    }
    for (index, function) in functions.iter().enumerate() {
        let [first, second] = [&periods[0][index], &periods[1][index]];
        assert_eq!(alarm.value(function, first), Some(1.0), "{function}: {first:?}");
        assert!(alarm.rings(function, &[first, &[], second]), "{function}: {second:?}");
        assert!(!alarm.rings(function, &[&[], &[], first]), "{function}");
    }
}
