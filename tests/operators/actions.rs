//! The function `admin`: finding and showing, codes, locks, sessions and erasure.

use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use tests::operators::support_actions;
use tests::tokens::bearer_visitor;
use tests::{CapturedLog, PASSWORD, Team, TestApp};
use tracing::instrument::WithSubscriber;

#[tokio::test]
async fn every_call_names_operator_ticket_and_reason() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let action = json!({"name": "show", "id": ada.id().await});
    let call = json!({"operator": "grace", "ticket": "T-1", "reason": "x", "action": action});
    for (field, code) in [
        ("operator", "MISSING_OPERATOR"),
        ("ticket", "MISSING_TICKET"),
        ("reason", "MISSING_REASON"),
    ] {
        for wrong in [json!(""), Value::Null] {
            let mut call = call.clone();
            if wrong.is_null() {
                call.as_object_mut().unwrap().remove(field);
            } else {
                call[field] = wrong;
            }
            let answer = app.visitor().post("/local/admin", call).await.expect(200).json();
            assert_eq!(answer["error"]["code"], code, "{answer}");
        }
    }
    let long = "x".repeat(501);
    let mut call = call;
    call["reason"] = json!(long);
    let answer = app.visitor().post("/local/admin", call).await.expect(200).json();
    assert_eq!(answer["error"]["code"], "INVALID_FIELD");
    assert_eq!(support_actions(&ada).await, Vec::<String>::new());
}

#[tokio::test]
async fn unknown_actions_and_parameters_are_refused() {
    let app = TestApp::start().await;
    for action in [
        json!({}),
        json!({"name": "destroy"}),
        json!({"name": "show"}),
        json!({"name": "show", "id": "proj_x"}),
        json!({"name": "show", "id": "usr_mfrggzdfmztwq2lknnwg23tpoa", "more": 1}),
        json!({"name": "end_sessions", "user_id": "usr_x"}),
        json!({"name": "find", "query": "nothing at all"}),
        json!({"name": "set_agreed_quota", "client_id": "client_mfrggzdfmztwq2lknnwg23tpoa"}),
        json!({"name": "set_switch", "feature": "everything", "on": false}),
        json!([]),
    ] {
        app.operate_refused(action, "INVALID_FIELD").await;
    }
}

#[tokio::test]
async fn an_unreadable_input_is_refused_in_plain_words() {
    let app = TestApp::start().await;
    let quota = json!({"name": "set_agreed_quota", "client_id": "client_x", "credits": "80000"});
    for (action, message) in [
        (json!("show"), "input: must be an object"),
        (json!({"name": "show"}), "id: must be given"),
        (json!({"name": "show", "id": "usr_x", "more": 1}), "more: is not a parameter"),
        (quota, "input: must be a whole number, 0 or more"),
    ] {
        let answer = app.operate(action).await;
        assert_eq!(answer["error"]["message"], message, "{answer}");
    }
}

#[tokio::test]
async fn malformed_ids_are_refused_by_the_name_of_their_parameter() {
    let app = TestApp::start().await;
    // As parts of keys, these ids would name other items.
    let (user, client) = ("usr_x#SESSION#y", "client_x#KEY#y");
    for (parameter, action) in [
        ("user_id", json!({"name": "resend_code", "user_id": user})),
        ("user_id", json!({"name": "lift_lock", "user_id": user})),
        ("user_id", json!({"name": "end_sessions", "user_id": user})),
        ("user_id", json!({"name": "erase_now", "user_id": user, "confirm": "ada@example.com"})),
        ("user_id", json!({"name": "reset_two_factor", "user_id": user})),
        ("user_id", json!({"name": "cancel_two_factor_reset", "user_id": user})),
        ("client_id", json!({"name": "set_agreed_quota", "client_id": client, "credits": 1})),
        (
            "client_id",
            json!({"name": "erase_organization_now", "client_id": client, "confirm": "x"}),
        ),
        ("client_id", json!({"name": "grant_credits", "client_id": client, "credits": 1})),
        ("client_id", json!({"name": "set_agreed_plan", "client_id": client, "plan": "pro"})),
        ("id", json!({"name": "show", "id": user})),
        ("id", json!({"name": "suspend", "id": client})),
        ("id", json!({"name": "unsuspend", "id": client})),
    ] {
        let answer = app.operate(action).await;
        assert_eq!(answer["error"]["code"], "INVALID_FIELD", "{answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{parameter}: ")), "{answer}");
    }
}

#[tokio::test]
async fn an_unreadable_action_is_logged() {
    let app = TestApp::start().await;
    let log = CapturedLog::default();
    let action = json!({"name": "destroy"});
    let call = json!({"operator": "grace", "ticket": "T-1", "reason": "x", "action": action});
    let invocation = LambdaEvent::new(call, lambda_runtime::Context::default());
    let answering = admin::handle(app.stack().context(), invocation);
    let answer = answering.with_subscriber(log.subscriber("info")).await;
    assert_eq!(answer["error"]["code"], "INVALID_FIELD", "{answer}");
    let lines = log.lines();
    let line = lines.iter().find(|line| line["message"] == "an operator acted");
    let line = line.unwrap_or_else(|| panic!("{lines:?}"));
    for (field, value) in
        [("action", "destroy"), ("operator", "grace"), ("ticket", "T-1"), ("outcome", "refused")]
    {
        assert_eq!(line[field], value, "{line}");
    }
}

#[tokio::test]
async fn accounts_and_organizations_are_found() {
    let app = TestApp::start().await;
    let Team { owner: ada, client, .. } = Team::create(&app).await;
    let id = ada.id().await;
    let (token, key) = (app.token(&ada, |_| ()).await, app.key(&ada, &client, |_| ()).await);
    ada.subscribe(&app, &client, "pro").await;
    let customer = app.stripe_customer(&client).await;
    let find = |query: &str| json!({"name": "find", "query": query});
    for query in [ada.email.as_str(), id.as_str(), &token[..40], " ADA@example.com "] {
        let found = app.operate_well(find(query)).await;
        assert_eq!(found, json!({"kind": "user", "id": id}), "{query}");
    }
    for query in [client.as_str(), &key[..40], &customer] {
        let found = app.operate_well(find(query)).await;
        assert_eq!(found, json!({"kind": "organization", "id": client}), "{query}");
    }
    for query in ["nobody@example.com", "cus_unknown", "usr_mfrggzdfmztwq2lknnwg23tpoa"] {
        app.operate_refused(find(query), "NOT_FOUND").await;
    }
    assert_eq!(support_actions(&ada).await, ["support.viewed"; 4]);
    let log = ada.get(&format!("/v1/clients/{client}/activity?action=support.viewed")).await;
    assert_eq!(log.expect(200).json()["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_is_shown_has_no_secrets() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, client, .. } = Team::create(&app).await;
    let key = app.key(&ada, &client, |_| ()).await;
    tests::Authenticator::enabled(&app, &ada.visitor).await;
    let shown = app.operate_well(json!({"name": "show", "id": ada.id().await})).await;
    assert_eq!(shown["user"]["email"], ada.email.as_str());
    assert_eq!(shown["user"]["two_factor_enabled"], true);
    assert_eq!(shown["organizations"].as_array().unwrap().len(), 2);
    assert_eq!(shown["organizations"][1]["role"], "owner");
    assert_eq!(shown["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(shown["activity"][0]["action"], "support.viewed");
    let organization = app.operate_well(json!({"name": "show", "id": client})).await;
    assert_eq!(organization["members"].as_array().unwrap().len(), 3);
    assert_eq!(organization["api_keys"][0]["name"], "ci");
    let bob_id = bob.id().await;
    let member = |member: &&Value| member["user_id"] == bob_id.as_str();
    let members = organization["members"].as_array().unwrap().clone();
    assert_eq!(members.iter().find(member).unwrap()["email"], bob.email.as_str());
    let text = format!("{shown}{organization}");
    let secrets: Vec<String> = app
        .dump()
        .await
        .iter()
        .flat_map(|item| {
            ["password_hash", "hash", "mac"].map(|name| item[name]["S"].as_str().map(str::to_owned))
        })
        .flatten()
        .collect();
    assert!(secrets.len() > 3, "the stored hashes are found");
    for secret in secrets.iter().chain([&key, ada.session.as_ref().unwrap()]) {
        assert!(!text.contains(secret.as_str()), "{secret}");
    }
}

#[tokio::test]
async fn a_code_is_sent_again() {
    let app = TestApp::start().await;
    let bob = app.register_unverified("bob").await;
    let found = app.operate_well(json!({"name": "find", "query": bob.email})).await;
    let resend = json!({"name": "resend_code", "user_id": found["id"]});
    app.operate_refused(resend.clone(), "RATE_LIMITED").await;
    app.advance_clock(61).await;
    assert_eq!(app.operate_well(resend.clone()).await["purpose"], "verify-email");
    let bob = bob.verify(&app).await;
    assert_eq!(app.operate_well(resend.clone()).await["purpose"], "reset-password");
    app.operate_refused(resend, "RATE_LIMITED").await;
    let reset = json!({
        "email": bob.email, "code": app.code(&bob.email).await, "new_password": "another-horse-7",
    });
    app.visitor().post("/v1/password/reset", reset).await.expect(200);
}

#[tokio::test]
async fn a_lock_is_lifted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    let stranger = app.visitor().with_header("user-agent", "stranger/1");
    let wrong = json!({"email": ada.email, "password": "another-horse-9"});
    for _ in 0..5 {
        stranger.post("/v1/login", wrong.clone()).await.expect_error(401, "INVALID_CREDENTIALS");
    }
    let right = json!({"email": ada.email, "password": PASSWORD});
    stranger.post("/v1/login", right.clone()).await.expect_error(429, "RATE_LIMITED");
    app.operate_well(json!({"name": "lift_lock", "user_id": id})).await;
    // The delay is that of the network.
    stranger.post("/v1/login", right.clone()).await.expect_error(429, "RATE_LIMITED");
    let ip = stranger.address();
    app.operate_well(json!({"name": "lift_lock", "user_id": id, "ip": ip})).await;
    stranger.post("/v1/login", right).await.expect(200);
    assert_eq!(support_actions(&ada).await, ["account.lock_lifted"; 2]);
}

#[tokio::test]
async fn sessions_are_ended_and_tokens_if_asked() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let id = ada.id().await;
    let made = ada.post("/v1/tokens", json!({"token_name": "ci"})).await.expect(200).json();
    let bearer = bearer_visitor(&app, &made);
    app.operate_well(json!({"name": "end_sessions", "user_id": id})).await;
    ada.get("/v1/me").await.expect_error(401, "invalid session");
    bearer.get("/v1/me").await.expect(200);
    let ada = ada.sign_in(&app).await;
    app.operate_well(json!({"name": "end_sessions", "user_id": id, "tokens": true})).await;
    ada.get("/v1/me").await.expect_error(401, "invalid session");
    bearer.get("/v1/me").await.expect_error(401, "invalid token");
    assert_eq!(support_actions(&ada.sign_in(&app).await).await, ["session.all_ended"; 2]);
}

#[tokio::test]
async fn an_account_is_suspended_and_unsuspended() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (id, client) = (ada.id().await, ada.default_client().await);
    let suspended = app.operate_well(json!({"name": "suspend", "id": id})).await;
    assert_eq!(suspended["suspension"]["ticket"], "T-1");
    ada.get("/v1/me").await.expect_error(403, "SUSPENDED");
    let shown = app.operate_well(json!({"name": "show", "id": id})).await;
    assert_eq!(shown["suspension"], suspended["suspension"]);
    let lifted = app.operate_well(json!({"name": "unsuspend", "id": id})).await;
    assert_eq!(lifted["suspension"], Value::Null);
    app.operate_well(json!({"name": "suspend", "id": client})).await;
    ada.get(&format!("/v1/clients/{client}")).await.expect_error(403, "SUSPENDED");
    app.operate_well(json!({"name": "unsuspend", "id": client})).await;
    ada.get(&format!("/v1/clients/{client}")).await.expect(200);
    let nobody = json!({"name": "suspend", "id": "usr_mfrggzdfmztwq2lknnwg23tpoa"});
    app.operate_refused(nobody, "NOT_FOUND").await;
}

#[tokio::test]
async fn an_account_is_erased_at_once() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, .. } = Team::create(&app).await;
    let erase =
        |id: &str, confirm: &str| json!({"name": "erase_now", "user_id": id, "confirm": confirm});
    let (ada_id, bob_id) = (ada.id().await, bob.id().await);
    app.operate_refused(erase(ada_id.as_str(), &ada.email), "OWNS_CLIENTS").await;
    app.operate_refused(erase(bob_id.as_str(), &ada.email), "INVALID_FIELD").await;
    bob.get("/v1/me").await.expect(200);
    let own = bob.create_client("Engines").await;
    let key = bob.visitor_with_key(&app, &own).await;
    let projects = format!("/v1/projects?org_id={own}");
    key.get(&projects).await.expect(200);
    app.operate_well(erase(bob_id.as_str(), &bob.email)).await;
    assert!(app.items(&format!("USER#{bob_id}"), "").await.is_empty());
    assert!(app.items(&format!("EMAIL#{}", bob.email), "").await.is_empty());
    bob.get("/v1/me").await.expect_error(401, "invalid session");
    key.get(&projects).await.expect_error(401, "invalid token");
    app.operate_refused(erase(bob_id.as_str(), &bob.email), "NOT_FOUND").await;
    // An account whose deletion its owner has scheduled, and one that was never verified.
    let eve = app.sign_up("dan").await;
    let eve_id = eve.id().await;
    tests::account_deletion::delete_account(&eve).await;
    app.operate_well(erase(eve_id.as_str(), &eve.email)).await;
    assert!(app.items(&format!("USER#{eve_id}"), "").await.is_empty());
    let new = app.register_unverified("new").await;
    let found = app.operate_well(json!({"name": "find", "query": new.email})).await;
    app.operate_well(erase(found["id"].as_str().unwrap(), &new.email)).await;
    assert!(app.items("ERASURE#", "").await.is_empty());
}
