//! Tests of the policy of an organization that its members use two-factor authentication.

use serde_json::{Value, json};
use tests::notifications::run_mails;
use tests::route_credentials::{Resources, create_token};
use tests::route_table::{Needs, routes};
use tests::runs::send_start;
use tests::{Authenticator, Person, Reply, Team, TestApp, Visitor};

async fn set_policy(who: &Person, client: &str, required: bool, confirm: bool) -> Reply {
    let body = json!({"require_two_factor": required, "confirm": confirm});
    who.patch(&format!("/v1/clients/{client}"), body).await
}

/// Lists the addresses of the members that a refusal names.
fn affected(reply: &Reply) -> Vec<Value> {
    let members = reply.json()["detail"]["members"].as_array().unwrap().clone();
    let mut emails: Vec<_> = members.into_iter().map(|member| member["email"].clone()).collect();
    emails.sort_by_key(Value::to_string);
    emails
}

#[tokio::test]
async fn members_without_two_factor_have_no_access() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, client, .. } = Team::create(&app).await;
    let key = ada.visitor_with_key(&app, &client).await;
    let project = ada.create_project(&client, "Churn").await;
    let token = app.visitor().with_bearer(&create_token(&eve, None).await);
    // The one who turns it on has it.
    set_policy(&ada, &client, true, true).await.expect_error(403, "TWO_FACTOR_REQUIRED");
    Authenticator::set_up(&app, &ada.visitor).await;
    let refused = set_policy(&ada, &client, true, false).await;
    let refused = refused.expect_error(409, "CONFIRMATION_REQUIRED");
    assert_eq!(affected(&refused), [json!(bob.email), json!(eve.email)]);
    let path = format!("/v1/projects/{project}");
    bob.get(&path).await.expect(200);
    let changed = set_policy(&ada, &client, true, true).await.expect(200);
    assert_eq!(changed.json()["require_two_factor"], true);
    for visitor in [&bob.visitor, &eve.visitor, &token] {
        for path in [path.clone(), format!("/v1/clients/{client}")] {
            visitor.get(&path).await.expect_error(403, "TWO_FACTOR_REQUIRED");
        }
        let body = json!({"org_id": client, "name": "Another"});
        visitor.post("/v1/projects", body).await.expect_error(403, "TWO_FACTOR_REQUIRED");
        // Other organizations and the account are not concerned.
        visitor.get("/v1/me").await.expect(200);
    }
    let listed = bob.get("/v1/clients").await.expect(200).json();
    let listed = listed["data"].as_array().unwrap();
    let here = listed.iter().find(|entry| entry["id"] == json!(client)).unwrap();
    assert_eq!(here["require_two_factor"], true, "the list tells why");
    let keys = bob.get("/v1/api-keys").await.expect(200).json();
    assert_eq!(keys["data"], json!([]));
    for visitor in [&key, &ada.visitor] {
        visitor.get(&path).await.expect(200);
    }
    // With a second factor the member and the member's tokens are back.
    Authenticator::set_up(&app, &eve.visitor).await;
    for visitor in [&eve.visitor, &token] {
        visitor.get(&path).await.expect(200);
    }
    // A member who wants none can leave.
    bob.post(&format!("/v1/clients/{client}/leave"), json!({})).await.expect(200);
    set_policy(&ada, &client, false, false).await.expect(200);
    // Nobody is affected now.
    set_policy(&ada, &client, true, false).await.expect(200);
    let log = app.items(&format!("ACTIVITY#CLIENT#{client}#"), "").await;
    let changes = log.iter().filter(|e| e["action"]["S"] == "client.two_factor_policy_changed");
    assert_eq!(changes.count(), 3);
}

/// What happens in the organization is not mailed to those who may not read it there.
#[tokio::test]
async fn members_without_two_factor_get_no_run_mails() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, client, .. } = Team::create(&app).await;
    let project = ada.create_project(&client, "Churn").await;
    Authenticator::set_up(&app, &ada.visitor).await;
    set_policy(&ada, &client, true, true).await.expect(200);
    let failed = || json!({"kind": "manual", "name": "Nightly tests", "status": "failed"});
    send_start(&ada, &project, failed()).await.expect(200);
    assert_eq!([run_mails(&app, &ada).await.len(), run_mails(&app, &bob).await.len()], [1, 0]);
    Authenticator::set_up(&app, &bob.visitor).await;
    send_start(&ada, &project, failed()).await.expect(200);
    assert_eq!([run_mails(&app, &ada).await.len(), run_mails(&app, &bob).await.len()], [2, 1]);
}

#[tokio::test]
async fn the_policy_takes_an_admin_with_a_recent_proof() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    let path = format!("/v1/clients/{client}");
    let body = json!({"require_two_factor": true, "confirm": true});
    for person in [&eve, &stranger] {
        person.patch(&path, body.clone()).await.expect_error(403, "NO_ACCESS");
    }
    let token = app.visitor().with_bearer(&create_token(&ada, None).await);
    let send = async |visitor: &Visitor, body: Value| {
        let body = Some(("application/json", body.to_string().into_bytes()));
        visitor.send(reqwest::Method::PATCH, &path, body).await
    };
    send(&token, body.clone()).await.expect_error(403, "SESSION_REQUIRED");
    send(&token, json!({"name": "Engines"})).await.expect(200);
    for invalid in [json!({"require_two_factor": "yes"}), json!({"require_two_factor": 1})] {
        bob.patch(&path, invalid).await.expect_error(400, "INVALID_FIELD");
    }
    bob.patch(&path, json!({"confirm": true})).await.expect_error(400, "MISSING_NAME");
    Authenticator::set_up(&app, &bob.visitor).await;
    app.expire_proof().await;
    bob.patch(&path, body.clone()).await.expect_error(401, "REAUTH_REQUIRED");
    let found = bob.get(&path).await.expect(200).json();
    assert_eq!(found["require_two_factor"], false);
    assert_eq!(found["name"], "Engines");
}

/// Every route of an organization refuses a member without a second factor.
#[tokio::test]
async fn every_route_refuses_members_without_two_factor() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = ada.create_client("Engines").await;
    app.add_member(&client, &bob, shared::organizations::Role::Admin).await;
    let resources = Resources::create_in(&ada, &client, "Churn").await;
    let token = app.visitor().with_bearer(&create_token(&bob, None).await);
    Authenticator::set_up(&app, &ada.visitor).await;
    set_policy(&ada, &client, true, true).await.expect(200);
    // The first use of a token in a day is in its user's log.
    token.get("/v1/token").await.expect(200);
    let before = app.durable_items().await.len();
    for (method, path, needs, body) in routes() {
        let (right, is_session) = match needs {
            Needs::In(right) => (right, false),
            Needs::SessionIn(right) | Needs::RecentSessionIn(right) => (right, true),
            Needs::Nothing
            | Needs::Any
            | Needs::Bearer
            | Needs::Exchange
            | Needs::Person
            | Needs::Session
            | Needs::RecentSession
            | Needs::KeyOf => continue,
        };
        let is_admins = shared::organizations::Role::Admin.has_right(right);
        if !is_admins || path.ends_with("/leave") {
            continue;
        }
        for visitor in [&bob.visitor, &token].into_iter().take(if is_session { 1 } else { 2 }) {
            let reply = resources.send(visitor, method, path, body.as_ref()).await;
            let got = (reply.status, reply.code());
            assert_eq!(got, (403, "TWO_FACTOR_REQUIRED".to_owned()), "{method} {path}");
        }
    }
    assert_eq!(app.durable_items().await.len(), before);
}
