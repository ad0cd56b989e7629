//! New passwords are checked against those of data breaches, where the deployment asks for it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::get;
use local::StackOptions;
use serde_json::json;
use tests::registration::registration_body;
use tests::test_server::serve;
use tests::{PASSWORD, Reply, TestApp, Visitor};

/// A password that the local range API knows.
const BREACHED: &str = "violet-tractor-41";

/// The prefix of a request, and its header `add-padding`.
type RangeRequest = (String, Option<String>);

/// What the local range API answers, and the requests that it got.
#[derive(Clone, Default)]
struct RangeApi {
    requests: Arc<Mutex<Vec<RangeRequest>>>,
    is_slow: bool,
    is_failing: bool,
}

/// SHA-1 of [`BREACHED`] in upper-case hexadecimal.
fn breached_sha1() -> String {
    use sha1::{Digest, Sha1};
    Sha1::digest(BREACHED).iter().map(|byte| format!("{byte:02X}")).collect()
}

async fn range(
    State(api): State<RangeApi>,
    Path(prefix): Path<String>,
    headers: HeaderMap,
) -> Result<String, axum::http::StatusCode> {
    let padding = headers.get("add-padding").map(|value| value.to_str().unwrap().to_owned());
    api.requests.lock().unwrap().push((prefix.clone(), padding));
    if api.is_slow {
        std::future::pending::<()>().await;
    }
    if api.is_failing {
        return Err(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    }
    let sha1 = breached_sha1();
    let known =
        if sha1.starts_with(&prefix) { format!("{}:12\r\n", &sha1[5..]) } else { String::new() };
    Ok(format!("{}:0\r\n{known}{}:7\r\n", "0".repeat(35), "F".repeat(35)))
}

impl RangeApi {
    /// Starts the API and a stack that checks passwords with it.
    async fn start(&self) -> TestApp {
        let router = Router::new().route("/range/{prefix}", get(range)).with_state(self.clone());
        let url = serve(router).await;
        let options = StackOptions { breached_passwords_url: Some(url), ..StackOptions::default() };
        TestApp::start_with_options(options).await
    }
}

async fn register(visitor: &Visitor, password: &str) -> Reply {
    visitor.post("/v1/register", registration_body("ada@example.com", password)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn breached_passwords_are_refused_wherever_one_is_set() {
    let api = RangeApi::default();
    let app = api.start().await;
    let refused = register(&app.visitor(), BREACHED).await.expect_error(400, "PASSWORD_TOO_WEAK");
    assert!(refused.text.contains("data breach"), "{}", refused.text);
    let ada = app.sign_up("ada").await;
    let change = json!({"current_password": PASSWORD, "new_password": BREACHED});
    ada.post("/v1/me/password", change).await.expect_error(400, "PASSWORD_TOO_WEAK");
    app.visitor().post("/v1/password/forgot", json!({"email": ada.email})).await.expect(200);
    let link = app.reset_token(&ada.email).await;
    app.reset_with_link(&link, BREACHED).await.expect_error(400, "PASSWORD_TOO_WEAK");
    // The link is not spent, and signing in checks nothing.
    app.reset_with_link(&link, "another-horse-7").await.expect(200);
    let requests = api.requests.lock().unwrap().clone();
    let login = json!({"email": ada.email, "password": BREACHED});
    app.visitor().post("/v1/login", login).await.expect(401);
    assert_eq!(api.requests.lock().unwrap().len(), requests.len());
    // Nothing but five characters of the hash leaves the service.
    assert_eq!(requests[0].0, breached_sha1()[..5]);
    for (prefix, padding) in requests {
        assert_eq!((prefix.len(), padding.as_deref()), (5, Some("true")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn breached_passwords_are_accepted_if_the_check_fails() {
    for api in [
        RangeApi { is_slow: true, ..RangeApi::default() },
        RangeApi { is_failing: true, ..RangeApi::default() },
    ] {
        let app = api.start().await;
        register(&app.visitor(), BREACHED).await.expect(200);
        assert_eq!(api.requests.lock().unwrap().len(), 1);
    }
}
