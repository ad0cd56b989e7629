//! What each call costs at DynamoDB: the numbers of `docs/ARCHITECTURE.md`.

use serde_json::json;
use shared::content::Sha256;
use tests::{Authenticator, PASSWORD, Reply, TestApp, file};

/// Exactly so many calls, and at most so many of them one after the other: those that run side by
/// side may happen not to overlap.
#[track_caller]
pub(crate) fn costs(reply: &Reply, calls: u32, most_trips: u32) {
    let cost = reply.cost();
    assert_eq!(cost.calls, calls, "{cost:?}");
    assert!(cost.trips <= most_trips, "{cost:?}");
}

#[tokio::test]
async fn no_call_takes_more_round_trips_than_its_design_allows() {
    let app = TestApp::start().await;
    let ada = json!({"email": "ada@example.com", "name": "Ada", "password": PASSWORD});
    let visitor = app.visitor();

    let new = visitor.post("/v1/register", ada.clone()).await.expect(200);
    costs(&new, 3, 2);
    let take_over = visitor.post("/v1/register", ada.clone()).await.expect(200);
    costs(&take_over, 4, 3);
    app.advance_clock(61).await;
    let address = json!({"email": "ada@example.com"});
    let resend = visitor.post("/v1/verify-email/resend", address.clone()).await.expect(200);
    costs(&resend, 4, 3);
    let wrong = json!({"email": "ada@example.com", "code": "AAAAAA"});
    costs(&visitor.post("/v1/verify-email", wrong).await.expect(400), 2, 1);
    let code = app.code("ada@example.com").await;
    let right = json!({"email": "ada@example.com", "code": code});
    costs(&visitor.post("/v1/verify-email", right).await.expect(200), 4, 3);
    let wrong = json!({"email": "ada@example.com", "password": "wrong-horse-9"});
    costs(&visitor.post("/v1/login", wrong).await.expect(401), 4, 2);
    let right = json!({"email": "ada@example.com", "password": PASSWORD});
    let login = visitor.post("/v1/login", right).await.expect(200);
    costs(&login, 5, 3);
    let ada = app.visitor().with_session(login.json()["session_token"].as_str().unwrap());
    costs(&ada.get("/v1/me").await.expect(200), 1, 1);
    costs(&ada.get("/v1/clients").await.expect(200), 3, 2);
    let made = ada.post("/v1/clients", json!({"name": "Engines"})).await.expect(200);
    costs(&made, 2, 2);
    let path = format!("/v1/clients/{}", made.json()["id"].as_str().unwrap());
    costs(&ada.get(&path).await.expect(200), 1, 1);
    let renamed = Some(("application/json", br#"{"name":"Difference"}"#.to_vec()));
    costs(&ada.send(reqwest::Method::PATCH, &path, renamed).await.expect(200), 2, 2);
    let profile = Some(("application/json", br#"{"company":"x"}"#.to_vec()));
    costs(&ada.send(reqwest::Method::PATCH, "/v1/me", profile).await.expect(200), 2, 2);
    costs(&ada.get("/v1/me/notifications").await.expect(200), 2, 2);
    let choice = Some(("application/json", br#"{"usage_alerts":"none"}"#.to_vec()));
    let changed = ada.send(reqwest::Method::PUT, "/v1/me/notifications", choice).await;
    costs(&changed.expect(200), 3, 3);
    costs(&ada.get("/v1/me/connections").await.expect(200), 1, 1);
    costs(&ada.get("/v1/me/sessions").await.expect(200), 2, 2);
    // The newest month alone fills it.
    costs(&ada.get("/v1/me/activity?limit=1").await.expect(200), 2, 2);
    let now = shared::clock::Timestamp::from_seconds(app.now().await);
    let year = now.months_back_to(now.minus(shared::activity::OWN_KEPT));
    let activity = ada.get("/v1/me/activity").await.expect(200);
    costs(&activity, 1 + u32::try_from(year.len()).unwrap(), 3);
    costs(&visitor.post("/v1/password/forgot", address).await.expect(200), 4, 3);
    let code = app.code("ada@example.com").await;
    let new = json!({"current_password": PASSWORD, "new_password": "another-horse-7"});
    costs(&ada.post("/v1/me/password", new).await.expect(200), 4, 4);
    let others = ada.send(reqwest::Method::DELETE, "/v1/me/sessions", None).await;
    costs(&others.expect(200), 2, 2);
    costs(&ada.post("/v1/logout", json!({})).await.expect(200), 2, 2);
    let email = "ada@example.com";
    google_costs(&app, email).await;
    let reset = json!({"email": email, "code": code, "new_password": "a-third-horse-8"});
    costs(&visitor.post("/v1/password/reset", reset).await.expect(200), 4, 3);

    let login = json!({"email": "ada@example.com", "password": "a-third-horse-8"});
    let login = visitor.post("/v1/login", login).await.expect(200);
    let ada = app.visitor().with_session(login.json()["session_token"].as_str().unwrap());
    // Besides the session and the log: setup, waiting sign-ins, former addresses, notifications,
    // sessions, tokens, two for clients.
    let export = ada.get("/v1/me/export").await.expect(200);
    costs(&export, 9 + u32::try_from(year.len()).unwrap(), 3);
    let delete = br#"{"password":"a-third-horse-8","confirm":"DELETE"}"#.to_vec();
    let delete = Some(("application/json", delete));
    costs(&ada.send(reqwest::Method::DELETE, "/v1/me", delete).await.expect(200), 9, 4);
    let login = json!({"email": "ada@example.com", "password": "a-third-horse-8"});
    let login = visitor.post("/v1/login", login).await.expect(200);
    let ada = app.visitor().with_session(login.json()["session_token"].as_str().unwrap());
    costs(&ada.post("/v1/me/restore", json!({})).await.expect(200), 2, 2);
}

#[tokio::test]
async fn the_second_factor_takes_one_trip_more() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    costs(&ada.get("/v1/2fa/status").await.expect(200), 1, 1);
    let setup = ada.post("/v1/2fa/setup", json!({})).await.expect(200);
    costs(&setup, 2, 2);
    let authenticator = Authenticator::scan(setup.json()["otpauth_url"].as_str().unwrap());
    let code = json!({"code": authenticator.code(&app).await});
    costs(&ada.post("/v1/2fa/enable", code).await.expect(200), 3, 3);
    app.advance_clock(30).await;
    let first = ada.visitor.post("/v1/login", ada.credentials()).await.expect(200);
    costs(&first, 5, 3);
    let challenge = &first.json()["challenge_token"];
    let code = authenticator.code(&app).await;
    let answer = json!({"challenge_token": challenge, "code": code});
    // The throttle, the try and the user side by side; the guess counted; the sign-in.
    costs(&app.visitor().post("/v1/2fa/login", answer).await.expect(200), 5, 3);
    app.advance_clock(30).await;
    let both = json!({"password": PASSWORD, "code": authenticator.code(&app).await});
    costs(&ada.post("/v1/2fa/recovery-codes", both).await.expect(200), 6, 6);
}

#[tokio::test]
async fn a_change_of_address_costs_as_much_for_a_taken_one() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    app.sign_up("taken").await;
    let to = |new: &str| json!({"new_email": new, "password": PASSWORD});
    let free = ada.post("/v1/me/email", to("free@example.com")).await.expect(200);
    costs(&free, 7, 5);
    costs(&bob.post("/v1/me/email", to("taken@example.com")).await.expect(200), 7, 5);
    let code = json!({"code": app.code("free@example.com").await});
    costs(&ada.post("/v1/me/email/confirm", code).await.expect(200), 4, 4);
    let mails = app.mails(&ada.email).await;
    let link = mails[0]["text"].as_str().unwrap().split_once("/email/undo#").unwrap().1.to_owned();
    let token = link.split_whitespace().next().unwrap();
    let undo = app.visitor().post("/v1/email/undo", json!({"token": token})).await;
    costs(&undo.expect(200), 3, 3);
}

#[tokio::test]
async fn projects_are_read_in_one_trip_and_changed_in_two() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Engines").await;
    let keyed = ada.visitor.clone().with_header("idempotency-key", "one");
    let churn = json!({"org_id": client, "name": "Churn"});
    let made = keyed.post("/v1/projects", churn.clone()).await.expect(200);
    // Who calls, beside what was answered before; the change.
    costs(&made, 3, 3);
    let path = format!("/v1/projects/{}", made.json()["id"].as_str().unwrap());
    costs(&ada.post("/v1/projects", churn).await.expect(409), 1, 1);
    costs(&ada.get(&format!("/v1/projects?org_id={client}")).await.expect(200), 2, 2);
    costs(&ada.get(&path).await.expect(200), 1, 1);
    costs(&ada.patch(&path, json!({"name": "Churn"})).await.expect(200), 1, 1);
    let both = json!({"name": "Churn model", "description": "Q3"});
    costs(&ada.patch(&path, both).await.expect(200), 2, 2);
    let brief = Some(("application/json", br##"{"content":"# Who?"}"##.to_vec()));
    let written = ada.visitor.send(reqwest::Method::PUT, &format!("{path}/brief"), brief).await;
    costs(&written.expect(200), 2, 2);
    costs(&ada.get(&format!("{path}/brief")).await.expect(200), 1, 1);
    costs(&ada.delete(&path, json!({})).await.expect(200), 2, 2);
    costs(&ada.get(&path).await.expect(404), 1, 1);
}

#[tokio::test]
async fn files_are_read_in_one_trip_and_no_change_of_one_takes_more_than_four() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    let wish = |path: &str, content: &[u8]| file(&client, Some(&project), path, content);
    // Who calls; what is about to be kept, so that it is removed if nothing comes of it; the change.
    let first = ada.post("/v1/artifacts", wish("a", b"1")).await.expect(200);
    costs(&first, 3, 3);
    // What the client has already isn't kept again.
    costs(&ada.post("/v1/artifacts", wish("b", b"1")).await.expect(200), 2, 2);
    let keyed = ada.visitor.clone().with_header("idempotency-key", "one");
    costs(&keyed.post("/v1/artifacts", wish("a", b"2")).await.expect(200), 4, 3);
    costs(&keyed.post("/v1/artifacts", wish("a", b"2")).await.expect(200), 2, 1);

    let sha256 = Sha256::of(b"large").to_string();
    let announced = json!({"org_id": client, "path": "c", "size": 5, "sha256": sha256});
    let pending = ada.post("/v1/artifacts", announced).await.expect(200);
    costs(&pending, 2, 2);
    let pending = pending.json();
    let complete = format!("/v1/artifacts/{}/complete", pending["id"].as_str().unwrap());
    // Who calls; it is claimed, and looked at; it is given free.
    costs(&ada.post(&complete, json!({})).await.expect(409), 3, 3);
    let put = reqwest::Client::new().put(pending["upload_url"].as_str().unwrap()).body("large");
    assert_eq!(put.send().await.unwrap().status(), 200);
    // Who calls; it is claimed, so that nobody looks at it meanwhile; the path and the content; the
    // change.
    costs(&ada.post(&complete, json!({})).await.expect(200), 4, 4);
    costs(&ada.post(&complete, json!({})).await.expect(200), 1, 1);

    let path = format!("/v1/artifacts/{}", first.json()["id"].as_str().unwrap());
    costs(&ada.get(&path).await.expect(200), 1, 1);
    costs(&ada.get(&format!("{path}/versions")).await.expect(200), 2, 2);
    let list = format!("/v1/artifacts?org_id={client}");
    costs(&ada.get(&format!("{list}&project_id={project}")).await.expect(200), 2, 1);
    costs(&ada.get(&format!("{list}&kind=file")).await.expect(200), 3, 3);
    costs(&ada.get(&list).await.expect(200), 3, 2);
    costs(&ada.get(&format!("/v1/projects/{project}/reports")).await.expect(200), 2, 2);
    // Who calls; the path and the content beside the other versions; the change.
    costs(&ada.visitor.delete_file(path.rsplit('/').next().unwrap()).await.expect(200), 4, 3);
    costs(&ada.get(&path).await.expect(404), 1, 1);
    // Who calls; which names are free beside the files; the change.
    let fork = format!("/v1/projects/{project}/fork");
    costs(&ada.post(&fork, json!({})).await.expect(200), 4, 3);
}

#[tokio::test]
async fn runs_are_read_in_one_trip_and_changed_in_two() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let project = ada.create_project(&ada.default_client().await, "Churn").await;
    let runs = format!("/v1/projects/{project}/runs");
    let nightly = json!({"kind": "manual", "name": "Nightly tests"});
    let started = ada.post(&runs, nightly.clone()).await.expect(200);
    costs(&started, 2, 2);
    let keyed = ada.visitor.clone().with_header("idempotency-key", "one");
    costs(&keyed.post(&runs, nightly).await.expect(200), 3, 2);
    let path = format!("/v1/runs/{}", started.json()["id"].as_str().unwrap());
    costs(&ada.get(&path).await.expect(200), 1, 1);
    costs(&ada.get(&runs).await.expect(200), 2, 1);
    let failed = json!({"status": "failed", "summary": "3 of 40"});
    costs(&ada.patch(&path, failed.clone()).await.expect(200), 2, 2);
    costs(&ada.patch(&path, failed).await.expect(200), 1, 1);
}

/// Somebody new, somebody known, and the account with that address.
async fn google_costs(app: &TestApp, known: &str) {
    let visitor = app.visitor();
    costs(&visitor.get("/v1/auth/google").await.expect(302), 1, 1);
    for email in ["grace@example.com", known] {
        app.create_google_account(email, true).await;
    }
    costs(&app.sign_in_with_google(&visitor, "grace@example.com").await.expect(302), 3, 3);
    costs(&app.sign_in_with_google(&visitor, "grace@example.com").await.expect(302), 4, 4);
    costs(&app.sign_in_with_google(&visitor, known).await.expect(302), 4, 4);
    let login = json!({"email": known, "password": "another-horse-7"});
    let session = visitor.post("/v1/login", login).await.expect(200).json();
    let session = session["session_token"].as_str().unwrap().to_owned();
    let ada = app.visitor().with_session(&session);
    let disconnect = ada.send(reqwest::Method::DELETE, "/v1/me/connections/google", None).await;
    costs(&disconnect.expect(200), 2, 2);
    costs(&app.link_google(&visitor, &session, known).await.expect(302), 4, 4);
}
