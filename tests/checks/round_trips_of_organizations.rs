//! What calls about sign-in failures, organizations, tokens and billing cost, compared with `docs/COSTS.md`.

use reqwest::Method;
use serde_json::json;
use shared::organizations::Role;
use tests::device_sign_in::{CommandLine, PROGRAM, approve, deny, request_codes};
use tests::invitations::invite_and_read_token;
use tests::{Authenticator, PASSWORD, Person, TestApp, documented, file};

#[tokio::test]
async fn refused_sign_ins_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let again = json!({"email": ada.email, "name": "Ada", "password": PASSWORD});
    let taken = app.visitor().post("/v1/register", again).await.expect(409);
    documented(&taken, "POST /v1/register: verified address, 409");

    let bob = app.register_unverified("bob").await;
    let unverified = bob.visitor.post("/v1/login", bob.credentials()).await.expect(403);
    documented(&unverified, "POST /v1/login: address not verified");

    let wrong = json!({"current_password": "wrong-horse-1", "new_password": "another-horse-7"});
    let refused = ada.post("/v1/me/password", wrong.clone()).await.expect(401);
    documented(&refused, "POST /v1/me/password: wrong password");
    for _ in 0..4 {
        ada.post("/v1/me/password", wrong.clone()).await.expect(401);
    }
    let delayed = ada.post("/v1/me/password", wrong).await.expect(429);
    documented(&delayed, "POST /v1/me/password: while it is delayed");
    let stranger = app.visitor();
    let wrong = json!({"email": ada.email, "password": "wrong-horse-1"});
    for _ in 0..5 {
        stranger.post("/v1/login", wrong.clone()).await.expect(401);
    }
    let delayed = stranger.post("/v1/login", ada.credentials()).await.expect(429);
    documented(&delayed, "POST /v1/login: while it is delayed");

    let reset = json!({"email": ada.email, "code": "AAAAAA", "new_password": "another-horse-7"});
    let wrong = app.visitor().post("/v1/password/reset", reset).await.expect(400);
    documented(&wrong, "POST /v1/password/reset: wrong code");
}

#[tokio::test]
async fn accounts_without_a_password_cost_what_is_documented() {
    let app = TestApp::start().await;
    app.create_google_account("grace@example.com", true).await;
    let visitor = app.visitor();
    let reply = app.sign_in_with_google(&visitor, "grace@example.com").await.expect(302);
    let session = tests::session_cookie(&reply).unwrap();
    let grace = app.visitor().with_session(&session);
    let first = grace.post("/v1/me/password", json!({"new_password": PASSWORD})).await.expect(200);
    documented(&first, "POST /v1/me/password: first password");

    let ada = app.sign_up("ada").await;
    let other = ada.sign_in(&app).await;
    let sessions = ada.get("/v1/me/sessions").await.expect(200).json();
    let sessions = sessions["data"].as_array().unwrap();
    let id = sessions.iter().find(|session| session["current"] == false).unwrap()["id"].clone();
    let path = format!("/v1/me/sessions/{}", id.as_str().unwrap());
    let ended = ada.visitor.send(Method::DELETE, &path, None).await.expect(200);
    documented(&ended, "DELETE /v1/me/sessions/{id}");
    other.get("/v1/me").await.expect(401);

    app.register_unverified("taken").await;
    let new = json!({"new_email": "taken@example.com", "password": PASSWORD});
    ada.post("/v1/me/email", new).await.expect(200);
    let code = json!({"code": app.code("taken@example.com").await});
    let confirmed = ada.post("/v1/me/email/confirm", code).await.expect(200);
    documented(&confirmed, "POST /v1/me/email/confirm: address of an unverified account");
}

#[tokio::test]
async fn deleting_an_account_costs_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let confirm = json!({"password": PASSWORD, "confirm": "DELETE"});
    documented(&ada.delete("/v1/me", confirm).await.expect(200), "DELETE /v1/me");

    let bob = app.sign_up("bob").await;
    let (authenticator, recovery_codes) = Authenticator::set_up(&app, &bob.visitor).await;
    app.advance_clock(30).await;
    let first = bob.visitor.post("/v1/login", bob.credentials()).await.expect(200).json();
    let recovery = json!({"challenge_token": first["challenge_token"], "code": recovery_codes[0]});
    let reply = app.visitor().post("/v1/2fa/login", recovery).await.expect(200);
    documented(&reply, "POST /v1/2fa/login: recovery code");
    let bob = Person::from_session(&app.visitor(), &bob.email, &reply);
    let code = authenticator.code(&app).await;
    let confirm = json!({"password": PASSWORD, "confirm": "DELETE", "code": code});
    let deleted = bob.delete("/v1/me", confirm).await.expect(200);
    documented(&deleted, "DELETE /v1/me: with a second factor");
}

#[tokio::test]
async fn organization_calls_cost_what_is_documented() {
    let app = TestApp::start().await;
    let (ada, bob, eve) =
        (app.sign_up("ada").await, app.sign_up("bob").await, app.sign_up("eve").await);
    let acme = ada.create_client("Acme").await;
    let list = ada.get("/v1/clients").await.expect(200);
    documented(&list, "GET /v1/clients: several organizations");
    app.set_plan(&acme, "pro").await;
    let path = format!("/v1/clients/{acme}");
    let (invitations, members) = (format!("{path}/invitations"), format!("{path}/members"));

    let body = json!({"email": bob.email, "role": "member"});
    let reply = ada.post(&invitations, body).await.expect(200);
    documented(&reply, "POST /v1/clients/{client_id}/invitations");
    let list = ada.get(&invitations).await.expect(200);
    documented(&list, "GET /v1/clients/{client_id}/invitations");
    documented(&bob.get("/v1/invitations").await.expect(200), "GET /v1/invitations");
    let resend = format!("{invitations}/{}/resend", reply.json()["id"].as_str().unwrap());
    let resent = ada.visitor.send(Method::POST, &resend, None).await.expect(200);
    documented(&resent, "POST /v1/clients/{client_id}/invitations/{id}/resend");
    let revoke = format!("{invitations}/{}", reply.json()["id"].as_str().unwrap());
    let revoked = ada.visitor.send(Method::DELETE, &revoke, None).await.expect(200);
    documented(&revoked, "DELETE /v1/clients/{client_id}/invitations/{id}");
    for (person, call) in [(&bob, "accept"), (&eve, "decline")] {
        let token = invite_and_read_token(&app, &ada, &acme, &person.email).await;
        let body = json!({"token": token});
        for visitor in [app.visitor(), person.visitor.clone()] {
            let shown = visitor.post("/v1/invitations/preview", body.clone()).await.expect(200);
            documented(&shown, "POST /v1/invitations/preview");
        }
        let call = format!("/v1/invitations/{call}");
        let reply = person.post(&call, json!({"token": token})).await.expect(200);
        documented(&reply, "POST /v1/invitations/accept, POST /v1/invitations/decline");
    }

    app.add_member(&acme, &eve, Role::Member).await;
    let list = ada.get(&members).await.expect(200);
    documented(&list, "GET /v1/clients/{client_id}/members");
    let bob_id = bob.id().await;
    let bobs = format!("{members}/{bob_id}");
    let changed = ada.patch(&bobs, json!({"role": "admin"})).await.expect(200);
    documented(&changed, "PATCH, DELETE /v1/clients/{client_id}/members/{user_id}");
    let left = eve.post(&format!("{path}/leave"), json!({})).await.expect(200);
    documented(&left, "POST /v1/clients/{client_id}/leave");

    let newest = ada.get(&format!("{path}/activity?limit=2")).await.expect(200);
    documented(&newest, "GET /v1/clients/{client_id}/activity: the newest month fills the page");
    let usage = ada.get(&format!("{path}/usage")).await.expect(200);
    documented(&usage, "GET /v1/clients/{client_id}/usage");
    app.advance_clock_only(63 * 24 * 60 * 60).await;
    let ada = ada.sign_in(&app).await;
    let older = ada.get(&format!("{path}/activity")).await.expect(200);
    documented(&older, "GET /v1/clients/{client_id}/activity");

    let heir = json!({"user_id": bob_id.as_str(), "password": PASSWORD});
    let transferred = ada.post(&format!("{path}/transfer"), heir).await.expect(200);
    documented(&transferred, "POST /v1/clients/{client_id}/transfer");
    let bob = bob.sign_in(&app).await;
    let deleted = bob.delete(&path, json!({"confirm": "Acme"})).await.expect(200);
    documented(&deleted, "DELETE /v1/clients/{client_id}");
    let restored = bob.post(&format!("{path}/restore"), json!({})).await.expect(200);
    documented(&restored, "POST /v1/clients/{client_id}/restore");
}

#[tokio::test]
async fn the_two_factor_policy_costs_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    Authenticator::set_up(&app, &ada.visitor).await;
    let body = json!({"require_two_factor": true});
    let changed = ada.patch(&format!("/v1/clients/{acme}"), body).await.expect(200);
    let row = "PATCH /v1/clients/{client_id}: requiring two-factor authentication";
    documented(&changed, row);
}

#[tokio::test]
async fn token_calls_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = ada.post("/v1/tokens", json!({"token_name": "ci"})).await.expect(200);
    documented(&token, "POST /v1/tokens");
    documented(&ada.get("/v1/tokens").await.expect(200), "GET /v1/tokens");
    let bearer = app.visitor().with_bearer(token.json()["token"].as_str().unwrap());
    // The first use is stored, which is one round trip more.
    bearer.get("/v1/token").await.expect(200);
    documented(&bearer.get("/v1/token").await.expect(200), "GET /v1/token");
    let exchange = "POST /v1/token/exchange";
    let body = json!({"audience": "runs", "client_id": ada.default_client().await});
    for body in [json!({"audience": "runs"}), body.clone()] {
        documented(&bearer.post("/v1/token/exchange", body).await.expect(200), exchange);
    }
    let confined = json!({"token_name": "here", "client_id": body["client_id"]});
    let confined = ada.post("/v1/tokens", confined).await.expect(200).json();
    let confined = app.visitor().with_bearer(confined["token"].as_str().unwrap());
    confined.get("/v1/token").await.expect(200);
    let exchanged = confined.post("/v1/token/exchange", json!({"audience": "runs"})).await;
    let row = "POST /v1/token/exchange: a token confined to an organization";
    documented(&exchanged.expect(200), row);
    let revoked = ada.post("/v1/tokens/revoke", json!({"id": 1})).await.expect(200);
    documented(&revoked, "POST /v1/tokens/revoke");

    let acme = ada.default_client().await;
    let keys = format!("/v1/clients/{acme}/api-keys");
    let create = ada.post(&keys, json!({"name": "ci"})).await.expect(200);
    let rotate = ada.post(&format!("{keys}/1/rotate"), json!({})).await.expect(200);
    let revoke = ada.post(&format!("{keys}/1/revoke"), json!({})).await.expect(200);
    for reply in [create, rotate, revoke] {
        documented(&reply, "POST /v1/clients/{client_id}/api-keys: create, rotate, revoke");
    }
    documented(&ada.get(&keys).await.expect(200), "GET /v1/clients/{client_id}/api-keys");
    documented(&ada.get("/v1/api-keys").await.expect(200), "GET /v1/api-keys");
}

#[tokio::test]
async fn device_calls_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let parameters = [("client_id", PROGRAM), ("scope", "runs:write")];
    let codes = request_codes(&app.visitor(), &parameters).await.expect(200);
    documented(&codes, "POST /v1/auth/device/code");
    let program = CommandLine::start(&app).await;
    let waiting = program.poll().await.expect_oauth_error("authorization_pending");
    documented(&waiting, "POST /v1/auth/device/token: nobody has answered");
    approve(&app, &ada, &program).await.expect(200);
    documented(&program.poll().await.expect(200), "POST /v1/auth/device/token: allowed");
    let other = CommandLine::start(&app).await;
    deny(&app, &ada, &other).await.expect(200);
    let denied = other.poll().await.expect_oauth_error("access_denied");
    for reply in [denied, program.poll().await.expect(200)] {
        documented(&reply, "POST /v1/auth/device/token: denied, expired, again or unknown");
    }
}

#[tokio::test]
async fn project_creation_and_large_forks_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let body = json!({"org_id": client, "name": "Churn"});
    let created = ada.post("/v1/projects", body).await.expect(200);
    documented(&created, "POST /v1/projects");
    let project = created.json()["id"].as_str().unwrap().to_owned();
    for number in 0..20 {
        let upload = file(&client, Some(&project), &format!("{number}.csv"), b"1");
        ada.post("/v1/artifacts", upload).await.expect(200);
    }
    let fork = ada.post(&format!("/v1/projects/{project}/fork"), json!({})).await.expect(200);
    documented(&fork, "POST /v1/projects/{project_id}/fork: many files");
}

/// Previews and makes an upgrade and a downgrade, cancels and resumes.
async fn change_plans(ada: &Person, path: &str) {
    let (basic, pro) = (tests::price("basic"), tests::price("pro"));
    let preview = ada.get(&format!("{path}/change?price_id={pro}")).await.expect(200);
    documented(&preview, "GET /v1/clients/{client_id}/subscription/change");
    let up = ada.post(&format!("{path}/change"), json!({"price_id": pro})).await.expect(200);
    documented(&up, "POST /v1/clients/{client_id}/subscription/change: upgrade");
    let label = "POST /v1/clients/{client_id}/subscription/change: downgrade, cancel, resume";
    for (call, body) in
        [("change", json!({"price_id": basic})), ("cancel", json!({})), ("resume", json!({}))]
    {
        documented(&ada.post(&format!("{path}/{call}"), body).await.expect(200), label);
    }
}

#[tokio::test]
async fn billing_calls_cost_what_is_documented() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let path = format!("/v1/clients/{client}");
    documented(&app.visitor().get("/v1/plans").await.expect(200), "GET /v1/plans");
    for call in ["subscription", "credits"] {
        let reply = ada.get(&format!("{path}/{call}")).await.expect(200);
        let label = "GET /v1/clients/{client_id}/subscription, GET /v1/clients/{client_id}/credits";
        documented(&reply, label);
    }
    let page = ada.get(&format!("{path}/credits/transactions")).await.expect(200);
    documented(&page, "GET /v1/clients/{client_id}/credits/transactions");

    let key = ada.visitor_with_key(&app, &client).await;
    // The first use of the key is stored.
    key.spend_credits(&client, "warm-up", "1").await.expect(200);
    let debit = key.spend_credits(&client, "run-1", "1").await.expect(200);
    documented(&debit, "POST /v1/clients/{client_id}/usage");

    // The first call makes the organization a customer.
    ada.top_up_session(&client, 500).await;
    let (success_url, cancel_url) = ada.return_urls();
    let top_up = json!({"credits": 500, "success_url": success_url, "cancel_url": cancel_url});
    let set_up = json!({"success_url": success_url, "cancel_url": cancel_url});
    let calls = [
        ("credits/topup", top_up),
        ("portal", json!({"return_url": success_url})),
        ("payment-methods/setup", set_up),
    ];
    for (call, body) in calls {
        let reply = ada.post(&format!("{path}/{call}"), body).await.expect(200);
        let label = "POST /v1/clients/{client_id}/credits/topup, portal, payment-methods/setup";
        documented(&reply, label);
    }
    let body = ada.checkout_body("basic");
    let checkout = ada.post(&format!("{path}/subscription/checkout"), body).await.expect(200);
    documented(&checkout, "POST /v1/clients/{client_id}/subscription/checkout");
    let session = checkout.json()["session_id"].as_str().unwrap().to_owned();
    app.pay_checkout(&session, tests::CARD).await.expect(200);
    change_plans(&ada, &format!("{path}/subscription")).await;
    change_cards(&app, &ada, &path).await;
    let invoices = ada.get(&format!("{path}/invoices")).await.expect(200);
    let invoice = invoices.json()["data"][0]["id"].as_str().unwrap().to_owned();
    let methods = ada.get(&format!("{path}/payment-methods")).await.expect(200);
    let pdf = ada.get(&format!("{path}/invoices/{invoice}/pdf")).await.expect(302);
    for reply in [invoices, methods, pdf] {
        documented(
            &reply,
            "GET /v1/clients/{client_id}/invoices, payment-methods, invoices/{id}/pdf",
        );
    }
}

/// Measures the calls that change cards.
async fn change_cards(app: &TestApp, ada: &Person, path: &str) {
    let (success_url, cancel_url) = ada.return_urls();
    let set_up = json!({"success_url": success_url, "cancel_url": cancel_url});
    let set_up = ada.post(&format!("{path}/payment-methods/setup"), set_up).await.expect(200);
    let session = set_up.json()["session_id"].as_str().unwrap().to_owned();
    app.pay_checkout(&session, tests::CARD).await.expect(200);
    let methods = ada.get(&format!("{path}/payment-methods")).await.expect(200).json();
    let id = |at: usize| methods["data"][at]["id"].as_str().unwrap().to_owned();
    let method = |at: usize| format!("{path}/payment-methods/{}", id(at));
    let chosen = ada.post(&format!("{}/default", method(0)), json!({})).await.expect(200);
    let removed = ada.delete(&method(1), json!({})).await.expect(200);
    for reply in [chosen, removed] {
        let label = "DELETE /v1/clients/{client_id}/payment-methods/{id}, POST …/{id}/default";
        documented(&reply, label);
    }
}
