//! A large body costs little memory, and is not parsed for a caller without a valid credential.

use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Service as _};
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use shared::tokens::PlainToken;
use shared::values::TokenHolder;
use tests::TestApp;

/// The limit for the growth of the process during a request, in bytes. The body is copied three times: by the
/// adapter, as text, and as a decoded field.
const MAX_GROWTH: u64 = 20 << 20;

/// Reads a value of `/proc/self/status` in bytes.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let kib = line.trim_start_matches(':').trim().trim_end_matches(" kB");
    kib.parse::<u64>().unwrap() << 10
}

/// Sends a body to `POST /v1/artifacts` without the gateway. Returns the status, the response body, and by how
/// much the process grew meanwhile.
async fn measure(app: &TestApp, bearer: &str, body: &str) -> (u64, String, u64) {
    let event = json!({
        "version": "2.0", "routeKey": "POST /v1/artifacts", "rawPath": "/v1/artifacts",
        "rawQueryString": "", "isBase64Encoded": false, "body": body,
        "headers": {"content-type": "application/json", "authorization": format!("Bearer {bearer}")},
        "requestContext": {
            "accountId": "1", "apiId": "x", "domainName": "x", "domainPrefix": "x",
            "requestId": "x", "routeKey": "POST /v1/artifacts", "stage": "$default",
            "time": "x", "timeEpoch": 0,
            "http": {"method": "POST", "path": "/v1/artifacts", "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.9", "userAgent": "x"},
        },
    });
    let event: LambdaRequest = serde_json::from_str(&event.to_string()).unwrap();
    let (ctx, blobs) = (app.stack().context().clone(), app.stack().blobs().clone());
    let mut adapter = Adapter::from(shared::http::create_service(projects::routes(blobs), ctx));
    let event = LambdaEvent::new(event, lambda_runtime::Context::default());
    // Sets the peak to the present size (Linux, proc_pid_clear_refs(5)).
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS");
    let answer = adapter.call(event).await.unwrap();
    let growth = memory("VmHWM").saturating_sub(before);
    let answer: Value = serde_json::to_value(answer).unwrap();
    let text = answer["body"].as_str().unwrap().to_owned();
    (answer["statusCode"].as_u64().unwrap(), text, growth)
}

#[tokio::test]
async fn body_before_credential_a_nested_body_costs_little_memory() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let valid = app.token(&ada, |_| {}).await;
    let random = &*app.stack().context().random;
    let holder = TokenHolder::User(ada.id().await);
    let made_up = PlainToken::generate(random, holder, 4711).reveal().to_owned();
    let pairs: Vec<_> = (0..400_000).map(|number| format!("\"{number}\":[]")).collect();
    let objects = vec!["{\"a\":[[[{}]]]}"; 300_000];
    for (kind, body) in [
        ("arrays", format!("{{\"x\":[{}]}}", vec!["[[[[[1]]]]]"; 380_000].join(","))),
        ("objects", format!("{{\"x\":[{}]}}", objects.join(","))),
        ("keys", format!("{{\"x\":{{{}}}}}", pairs.join(","))),
    ] {
        assert!(body.len() > 4_000_000 && body.len() < 6_000_000, "{}", body.len());
        let (status, text, growth) = measure(&app, &made_up, &body).await;
        assert_eq!((status, text.contains("invalid token")), (401, true), "{kind}: {text}");
        assert!(growth < MAX_GROWTH, "{kind}: {growth} bytes with a made-up token");
        let (status, text, growth) = measure(&app, &valid, &body).await;
        assert_eq!(status, 400, "{kind}: {text}");
        assert!(growth < MAX_GROWTH, "{kind}: {growth} bytes with a valid token");
    }
}
