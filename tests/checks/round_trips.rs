//! What each call costs at DynamoDB, compared with `docs/COSTS.md`.

use serde_json::json;
use shared::blobs::Sha256;
use tests::change_email::parse_undo_token;
use tests::costs::assert_cost;
use tests::mailboxes::send_mail_event;
use tests::passkeys::{PasskeyAuthenticator, ceremony_body};
use tests::two_factor::start_challenge;
use tests::{
    Authenticator, PASSWORD, Person, TestApp, documented, documented_costs, file,
    registration_browser,
};

/// An event of SES about a mail that came back.
const BOUNCE: &str = include_str!("../../events/worker-bounce.json");

#[test]
fn every_documented_cost_is_measured() {
    let sources = [
        include_str!("round_trips.rs"),
        include_str!("round_trips_of_organizations.rs"),
        include_str!("round_trips_of_worker.rs"),
    ];
    let unmeasured: Vec<_> = documented_costs()
        .into_iter()
        .filter(|row| !sources.iter().any(|s| s.contains(&format!("\"{}\"", row.label))))
        .map(|row| row.label)
        .collect();
    assert!(unmeasured.is_empty(), "not measured: {unmeasured:#?}");
}

#[tokio::test]
async fn account_calls_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
    let visitor = app.visitor();

    let new = visitor.post("/v1/register", ada.clone()).await.expect(200);
    documented(&new, "POST /v1/register: new address");
    let take_over = visitor.post("/v1/register", ada.clone()).await.expect(200);
    documented(&take_over, "POST /v1/register: unverified address, taken over");
    let visitor = registration_browser(&visitor, &take_over);
    app.advance_clock(61).await;
    let address = json!({"email": "ada@example.com"});
    let resend = visitor.post("/v1/verify-email/resend", address.clone()).await.expect(200);
    documented(&resend, "POST /v1/verify-email/resend, POST /v1/password/forgot");
    let wrong = json!({"email": "ada@example.com", "code": "AAAAAA"});
    let wrong = visitor.post("/v1/verify-email", wrong).await.expect(400);
    documented(&wrong, "POST /v1/verify-email: wrong code");
    let code = app.code("ada@example.com").await;
    let right = json!({"email": "ada@example.com", "code": code});
    let verified = visitor.post("/v1/verify-email", right).await.expect(200);
    documented(&verified, "POST /v1/verify-email");
    let wrong = json!({"email": "ada@example.com", "password": "wrong-horse-9"});
    let wrong = visitor.post("/v1/login", wrong).await.expect(401);
    documented(&wrong, "POST /v1/login: wrong password or no account");
    let right = json!({"email": "ada@example.com", "password": PASSWORD});
    let login = visitor.post("/v1/login", right).await.expect(200);
    documented(&login, "POST /v1/login");
    let ada = app.visitor().with_session(login.json()["session_token"].as_str().unwrap());
    documented(&ada.get("/v1/me").await.expect(200), "GET /v1/me");
    documented(&ada.get("/v1/clients").await.expect(200), "GET /v1/clients");
    let made = ada.post("/v1/clients", json!({"name": "Engines"})).await.expect(200);
    documented(&made, "POST /v1/clients");
    let path = format!("/v1/clients/{}", made.json()["id"].as_str().unwrap());
    documented(&ada.get(&path).await.expect(200), "GET /v1/clients/{client_id}");
    let renamed = Some(("application/json", br#"{"name":"Difference"}"#.to_vec()));
    let renamed = ada.send(reqwest::Method::PATCH, &path, renamed).await.expect(200);
    documented(&renamed, "PATCH /v1/clients/{client_id}");
    let profile = Some(("application/json", br#"{"company":"x"}"#.to_vec()));
    let changed = ada.send(reqwest::Method::PATCH, "/v1/me", profile).await.expect(200);
    documented(&changed, "PATCH /v1/me");
    let preferences = ada.get("/v1/me/notifications").await.expect(200);
    documented(&preferences, "GET /v1/me/notifications");
    let retried = ada.post("/v1/me/email/retry", json!({})).await.expect(200);
    documented(&retried, "POST /v1/me/email/retry");
    send_mail_event(&app, BOUNCE, "ada@example.com", app.now().await).await;
    let retried = ada.post("/v1/me/email/retry", json!({})).await.expect(200);
    documented(&retried, "POST /v1/me/email/retry: address without mail");
    let choice = Some(("application/json", br#"{"usage_alerts":"none"}"#.to_vec()));
    let changed = ada.send(reqwest::Method::PUT, "/v1/me/notifications", choice).await;
    documented(&changed.expect(200), "PUT /v1/me/notifications");
    // Without a webhook the call costs the same, and stops before Slack.
    let test = ada.post("/v1/me/notifications/test", json!({})).await.expect(409);
    documented(&test, "POST /v1/me/notifications/test");
    let connections = ada.get("/v1/me/connections").await.expect(200);
    documented(&connections, "GET /v1/me/connections");
    documented(&ada.get("/v1/me/sessions").await.expect(200), "GET /v1/me/sessions");
    let newest = ada.get("/v1/me/activity?limit=1").await.expect(200);
    documented(&newest, "GET /v1/me/activity: the newest month fills the page");
    let now = shared::clock::Timestamp::from_seconds(app.now().await);
    let year = now.months_back_to(now.minus(shared::activity::USER_EVENT_TTL));
    let activity = ada.get("/v1/me/activity").await.expect(200);
    assert_cost(&activity, 1 + u32::try_from(year.len()).unwrap(), 2);
    documented(&activity, "GET /v1/me/activity");
    let forgot = visitor.post("/v1/password/forgot", address.clone()).await.expect(200);
    documented(&forgot, "POST /v1/verify-email/resend, POST /v1/password/forgot");
    let again = visitor.post("/v1/password/forgot", address).await.expect(200);
    documented(&again, "POST /v1/verify-email/resend, POST /v1/password/forgot: within a minute");
    let code = app.code("ada@example.com").await;
    let new = json!({"current_password": PASSWORD, "new_password": "another-horse-7"});
    let changed = ada.post("/v1/me/password", new).await.expect(200);
    documented(&changed, "POST /v1/me/password");
    let others = ada.send(reqwest::Method::DELETE, "/v1/me/sessions", None).await;
    documented(&others.expect(200), "DELETE /v1/me/sessions");
    let out = ada.post("/v1/logout", json!({})).await.expect(200);
    documented(&out, "POST /v1/logout");
    let email = "ada@example.com";
    google_costs(&app, email).await;
    let reset = json!({"email": email, "code": code, "new_password": "a-third-horse-8"});
    let reset = visitor.post("/v1/password/reset", reset).await.expect(200);
    documented(&reset, "POST /v1/password/reset");

    let login = json!({"email": "ada@example.com", "password": "a-third-horse-8"});
    let login = visitor.post("/v1/login", login).await.expect(200);
    let ada = app.visitor().with_session(login.json()["session_token"].as_str().unwrap());
    // Besides session and log: pending secret, challenges, undo records, links, preferences, sessions, tokens
    // and two for organizations.
    let export = ada.get("/v1/me/export").await.expect(200);
    assert_cost(&export, 10 + u32::try_from(year.len()).unwrap(), 3);
    documented(&export, "GET /v1/me/export");
    let delete = br#"{"password":"a-third-horse-8","confirm":"DELETE"}"#.to_vec();
    let delete = Some(("application/json", delete));
    // Two organizations: two calls more than with one.
    assert_cost(&ada.send(reqwest::Method::DELETE, "/v1/me", delete).await.expect(200), 8, 4);
    let login = json!({"email": "ada@example.com", "password": "a-third-horse-8"});
    let login = visitor.post("/v1/login", login).await.expect(200);
    let ada = app.visitor().with_session(login.json()["session_token"].as_str().unwrap());
    let restored = ada.post("/v1/me/restore", json!({})).await.expect(200);
    documented(&restored, "POST /v1/me/restore");
    let not_me = app.report_not_me(&app.not_me_token(email).await).await.expect(200);
    documented(&not_me, "POST /v1/account/not-me");
    let reset = app.reset_with_link(&app.reset_token(email).await, PASSWORD).await.expect(200);
    documented(&reset, "POST /v1/password/reset: with a link");
}

#[tokio::test]
async fn passkey_calls_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut authenticator = PasskeyAuthenticator::new(&app);
    let add = async |authenticator: &mut PasskeyAuthenticator| {
        let options = ada.post("/v1/passkeys/options", json!({})).await.expect(200);
        let start = options.json();
        let mut body = ceremony_body(&start, &authenticator.create(&start["options"]).await);
        body["name"] = json!("Laptop");
        let added = ada.post("/v1/passkeys", body).await.expect(200);
        documented(&added, "POST /v1/passkeys");
        (options, added.json())
    };
    add(&mut authenticator).await;
    let (options, second) = add(&mut PasskeyAuthenticator::new(&app)).await;
    documented(&options, "POST /v1/passkeys/options");
    documented(&ada.get("/v1/passkeys").await.expect(200), "GET /v1/passkeys");
    let path = format!("/v1/passkeys/{}", second["id"].as_str().unwrap());
    let renamed = ada.patch(&path, json!({"name": "Phone"})).await.expect(200);
    documented(&renamed, "PATCH /v1/passkeys/{passkey_id}");
    let removed = ada.visitor.send(reqwest::Method::DELETE, &path, None).await.expect(200);
    documented(&removed, "DELETE /v1/passkeys/{passkey_id}");

    let copy = &mut authenticator.copy();
    let sign_in = async |authenticator: &mut PasskeyAuthenticator, challenge: Option<&str>| {
        let body = challenge.map_or(json!({}), |token| json!({"challenge_token": token}));
        let options = app.visitor().post("/v1/passkeys/login/options", body).await.expect(200);
        let start = options.json();
        let body = ceremony_body(&start, &authenticator.get(&start["options"]).await);
        (options, app.visitor().post("/v1/passkeys/login", body).await)
    };
    let (options, signed_in) = sign_in(&mut authenticator, None).await;
    documented(&options, "POST /v1/passkeys/login/options");
    documented(&signed_in.expect(200), "POST /v1/passkeys/login");
    let (_, refused) = sign_in(copy, None).await;
    documented(&refused.expect(401), "POST /v1/passkeys/login: possible copy");
    Authenticator::enabled(&app, &ada.visitor).await;
    let challenge = start_challenge(&app, &ada).await;
    let (options, signed_in) = sign_in(&mut authenticator, Some(&challenge)).await;
    documented(&options, "POST /v1/passkeys/login/options: as second factor");
    documented(&signed_in.expect(200), "POST /v1/passkeys/login: as second factor");

    let options = ada.post("/v1/passkeys/reauthenticate/options", json!({})).await.expect(200);
    documented(&options, "POST /v1/passkeys/reauthenticate/options");
    let start = options.json();
    let body = ceremony_body(&start, &authenticator.get(&start["options"]).await);
    let proven = ada.post("/v1/passkeys/reauthenticate", body).await.expect(200);
    documented(&proven, "POST /v1/passkeys/reauthenticate");
}

#[tokio::test]
async fn two_factor_calls_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    documented(&ada.get("/v1/2fa/status").await.expect(200), "GET /v1/2fa/status");
    let setup = ada.post("/v1/2fa/setup", json!({})).await.expect(200);
    documented(&setup, "POST /v1/2fa/setup");
    let authenticator = Authenticator::scan(setup.json()["otpauth_url"].as_str().unwrap());
    let code = json!({"code": authenticator.code(&app).await});
    documented(&ada.post("/v1/2fa/enable", code).await.expect(200), "POST /v1/2fa/enable");
    app.advance_clock(30).await;
    let first = ada.visitor.post("/v1/login", ada.credentials()).await.expect(200);
    documented(&first, "POST /v1/login: with a second factor");
    let challenge = &first.json()["challenge_token"];
    let code = authenticator.code(&app).await;
    let answer = json!({"challenge_token": challenge, "code": code});
    let signed_in = app.visitor().post("/v1/2fa/login", answer).await.expect(200);
    documented(&signed_in, "POST /v1/2fa/login");
    app.advance_clock(30).await;
    let both = json!({"password": PASSWORD, "code": authenticator.code(&app).await});
    let replaced = ada.post("/v1/2fa/recovery-codes", both).await.expect(200);
    documented(&replaced, "POST /v1/2fa/disable, POST /v1/2fa/recovery-codes");
    app.advance_clock(30).await;
    let code = json!({"code": authenticator.code(&app).await});
    let renewed = ada.post("/v1/me/reauthenticate", code).await.expect(200);
    documented(&renewed, "POST /v1/me/reauthenticate: with a code");
    let bob = app.sign_up("bob").await;
    let renewed = bob.post("/v1/me/reauthenticate", json!({"password": PASSWORD})).await;
    documented(&renewed.expect(200), "POST /v1/me/reauthenticate: with a password");
}

#[tokio::test]
async fn a_change_of_address_costs_the_same_if_it_is_taken() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    app.sign_up("taken").await;
    let to = |new: &str| json!({"new_email": new, "password": PASSWORD});
    let free = ada.post("/v1/me/email", to("free@example.com")).await.expect(200);
    documented(&free, "POST /v1/me/email, also to a taken address");
    let taken = bob.post("/v1/me/email", to("taken@example.com")).await.expect(200);
    documented(&taken, "POST /v1/me/email, also to a taken address");
    let canceled = bob.delete("/v1/me/email", json!({})).await.expect(200);
    documented(&canceled, "DELETE /v1/me/email");
    let code = json!({"code": app.code("free@example.com").await});
    let confirmed = ada.post("/v1/me/email/confirm", code).await.expect(200);
    documented(&confirmed, "POST /v1/me/email/confirm");
    let token = parse_undo_token(&app.mails(&ada.email).await[0]);
    let undo = app.visitor().post("/v1/email/undo", json!({"token": token})).await;
    documented(&undo.expect(200), "POST /v1/email/undo");
}

#[tokio::test]
async fn project_calls_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Engines").await;
    let keyed = ada.visitor.clone().with_header("idempotency-key", "one");
    let churn = json!({"org_id": client, "name": "Churn"});
    let made = keyed.post("/v1/projects", churn.clone()).await.expect(200);
    // With a key: one call more, beside the first.
    assert_cost(&made, 3, 3);
    let path = format!("/v1/projects/{}", made.json()["id"].as_str().unwrap());
    assert_cost(&ada.post("/v1/projects", churn).await.expect(409), 1, 1);
    let list = ada.get(&format!("/v1/projects?org_id={client}")).await.expect(200);
    documented(&list, "GET /v1/projects");
    documented(&ada.get(&path).await.expect(200), "GET /v1/projects/{project_id}");
    assert_cost(&ada.patch(&path, json!({"name": "Churn"})).await.expect(200), 1, 1);
    let both = json!({"name": "Churn model", "description": "Q3"});
    documented(&ada.patch(&path, both).await.expect(200), "PATCH /v1/projects/{project_id}");
    let brief = Some(("application/json", br##"{"content":"# Who?"}"##.to_vec()));
    let written = ada.visitor.send(reqwest::Method::PUT, &format!("{path}/brief"), brief).await;
    documented(&written.expect(200), "PUT /v1/projects/{project_id}/brief");
    let brief = ada.get(&format!("{path}/brief")).await.expect(200);
    documented(&brief, "GET /v1/projects/{project_id}/brief");
    let deleted = ada.delete(&path, json!({})).await.expect(200);
    documented(&deleted, "DELETE /v1/projects/{project_id}");
    assert_cost(&ada.get(&path).await.expect(404), 1, 1);
}

#[tokio::test]
async fn artifact_calls_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    let upload = |path: &str, content: &[u8]| file(&client, Some(&project), path, content);
    let first = ada.post("/v1/artifacts", upload("a", b"1")).await.expect(200);
    documented(&first, "POST /v1/artifacts: new content");
    let known = ada.post("/v1/artifacts", upload("b", b"1")).await.expect(200);
    documented(&known, "POST /v1/artifacts: content that the organization has");
    let keyed = ada.visitor.clone().with_header("idempotency-key", "one");
    assert_cost(&keyed.post("/v1/artifacts", upload("a", b"2")).await.expect(200), 4, 3);
    assert_cost(&keyed.post("/v1/artifacts", upload("a", b"2")).await.expect(200), 2, 1);

    let sha256 = Sha256::of(b"large").to_string();
    let declared = json!({"org_id": client, "path": "c", "size": 5, "sha256": sha256});
    let pending = ada.post("/v1/artifacts", declared).await.expect(200);
    documented(&pending, "POST /v1/artifacts: upload URL");
    let pending = pending.json();
    let complete = format!("/v1/artifacts/{}/complete", pending["id"].as_str().unwrap());
    // The attempt is recorded, the object looked for, and the record taken back.
    assert_cost(&ada.post(&complete, json!({})).await.expect(409), 3, 3);
    let put = reqwest::Client::new().put(pending["upload_url"].as_str().unwrap()).body("large");
    assert_eq!(put.send().await.unwrap().status(), 200);
    let completed = ada.post(&complete, json!({})).await.expect(200);
    documented(&completed, "POST /v1/artifacts/{artifact_id}/complete");
    let again = ada.post(&complete, json!({})).await.expect(200);
    documented(&again, "POST /v1/artifacts/{artifact_id}/complete: again");
    complete_large_upload(&ada, &client).await;

    let path = format!("/v1/artifacts/{}", first.json()["id"].as_str().unwrap());
    documented(&ada.get(&path).await.expect(200), "GET /v1/artifacts/{artifact_id}");
    let versions = ada.get(&format!("{path}/versions")).await.expect(200);
    documented(&versions, "GET /v1/artifacts/{artifact_id}/versions");
    let list = format!("/v1/artifacts?org_id={client}");
    let files = ada.get(&format!("{list}&project_id={project}")).await.expect(200);
    documented(&files, "GET /v1/artifacts: of a project");
    assert_cost(&ada.get(&format!("{list}&kind=file")).await.expect(200), 3, 3);
    documented(&ada.get(&list).await.expect(200), "GET /v1/artifacts: of an organization");
    let reports = ada.get(&format!("/v1/projects/{project}/reports")).await.expect(200);
    documented(&reports, "GET /v1/projects/{project_id}/reports");
    let deleted = ada.visitor.delete_file(path.rsplit('/').next().unwrap()).await.expect(200);
    documented(&deleted, "DELETE /v1/artifacts/{artifact_id}");
    assert_cost(&ada.get(&path).await.expect(404), 1, 1);
    let fork = format!("/v1/projects/{project}/fork");
    let forked = ada.post(&fork, json!({})).await.expect(200);
    documented(&forked, "POST /v1/projects/{project_id}/fork: few files");
}

#[tokio::test]
async fn run_calls_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let project = ada.create_project(&ada.default_client().await, "Churn").await;
    let runs = format!("/v1/projects/{project}/runs");
    let nightly = json!({"kind": "manual", "name": "Nightly tests"});
    let started = ada.post(&runs, nightly.clone()).await.expect(200);
    documented(&started, "POST /v1/projects/{project_id}/runs");
    let keyed = ada.visitor.clone().with_header("idempotency-key", "one");
    assert_cost(&keyed.post(&runs, nightly).await.expect(200), 3, 2);
    let path = format!("/v1/runs/{}", started.json()["id"].as_str().unwrap());
    documented(&ada.get(&path).await.expect(200), "GET /v1/runs/{run_id}");
    let list = ada.get(&runs).await.expect(200);
    documented(&list, "GET /v1/projects/{project_id}/runs");
    let failed = json!({"status": "failed", "summary": "3 of 40"});
    let finished = ada.patch(&path, failed.clone()).await.expect(200);
    documented(&finished, "PATCH /v1/runs/{run_id}");
    assert_cost(&ada.patch(&path, failed).await.expect(200), 1, 1);
}

/// Measures the callback for a new account, a known identity and an account with the same address.
async fn google_costs(app: &TestApp, known: &str) {
    let visitor = app.visitor();
    documented(&visitor.get("/v1/auth/google").await.expect(302), "GET /v1/auth/google");
    for email in ["grace@example.com", known] {
        app.create_google_account(email, true).await;
    }
    let new = app.sign_in_with_google(&visitor, "grace@example.com").await.expect(302);
    documented(&new, "GET /v1/auth/google/callback: new account");
    for email in ["grace@example.com", known] {
        let known = app.sign_in_with_google(&visitor, email).await.expect(302);
        documented(&known, "GET /v1/auth/google/callback: known identity, or linked by address");
    }
    let login = json!({"email": known, "password": "another-horse-7"});
    let session = visitor.post("/v1/login", login).await.expect(200).json();
    let session = session["session_token"].as_str().unwrap().to_owned();
    let ada = app.visitor().with_session(&session);
    let disconnect = ada.send(reqwest::Method::DELETE, "/v1/me/connections/google", None).await;
    documented(&disconnect.expect(200), "DELETE /v1/me/connections/google");
    let linked = app.link_google(&visitor, &session, known).await.expect(302);
    documented(&linked, "GET /v1/auth/google/callback: with `link=1`");
}

/// Leaves an upload to the worker.
async fn complete_large_upload(ada: &Person, client: &str) {
    let content = vec![7; 101 * 1024 * 1024];
    let sha256 = Sha256::of(&content).to_string();
    let requested =
        json!({"org_id": client, "path": "large.bin", "size": content.len(), "sha256": sha256});
    let pending = ada.post("/v1/artifacts", requested).await.expect(200).json();
    let put = reqwest::Client::new().put(pending["upload_url"].as_str().unwrap()).body(content);
    assert_eq!(put.send().await.unwrap().status(), 200);
    let path = format!("/v1/artifacts/{}/complete", pending["id"].as_str().unwrap());
    let running = ada.post(&path, json!({})).await.expect(202);
    documented(&running, "POST /v1/artifacts/{artifact_id}/complete: more than 100 MiB");
}
