//! Tests of `POST /v1/tokens`.

use insta::assert_snapshot;
use serde_json::{Value, json};
use shared::keys as rows;
use shared::organizations::Role;
use tests::activity::list_user_log_entries;
use tests::tokens::{bearer_visitor, create_token, list_tokens};
use tests::{FaultProxy, TestApp, assert_numbered_without_gaps, race, race_size};

#[tokio::test]
async fn a_token_is_created_and_acts_as_its_user() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let reply = create_token(&ada, json!({"token_name": " my-cli "})).await;
    assert_snapshot!(app.snapshot(&reply).await, @r#"
    200
    {
      "allowed_ips": null,
      "client_id": "ada@example.com",
      "created_at": "[now]",
      "expires_at": null,
      "id": 1,
      "scopes": [
        "clients:read",
        "clients:write",
        "projects:read",
        "projects:write",
        "artifacts:read",
        "artifacts:write",
        "runs:write",
        "usage:write",
        "billing:read",
        "activity:read"
      ],
      "token": "[token]",
      "token_name": "my-cli"
    }
    "#);
    let made = reply.json();
    let token = made["token"].as_str().unwrap();
    let me = bearer_visitor(&app, &made).get("/v1/me").await.expect(200).json();
    assert_eq!(me["user"]["email"], "ada@example.com");
    // Each user numbers their own tokens.
    let eve = app.sign_up("eve").await;
    for (who, id) in [(&eve, 1), (&ada, 2), (&eve, 2), (&ada, 3)] {
        // The response names the account's address.
        let account = if id == 2 { json!(null) } else { json!(who.email) };
        let made =
            create_token(who, json!({"token_name": "x", "client_id": account})).await.expect(200);
        assert_eq!(made.json()["id"], id);
    }
    let entries = list_user_log_entries(&app, "token.created").await;
    assert_eq!(entries.len(), 5);
    let first = entries.iter().find(|e| e["details"]["M"]["name"]["S"] == "my-cli").unwrap();
    assert_eq!(first["target"]["S"], "1");
    assert!(!serde_json::to_string(&entries).unwrap().contains(token));
}

#[tokio::test]
async fn invalid_input_is_refused_with_the_documented_error() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let nameless = [json!({}), json!({"token_name": null}), json!({"token_name": " \t"})];
    for body in nameless {
        let reply = create_token(&ada, body).await.expect(400);
        assert_eq!(reply.json(), json!({"detail": "token_name is required"}));
    }
    let with = |field: &str, value: Value| {
        let mut body = json!({"token_name": "x"});
        body[field] = value;
        body
    };
    let mut bad = vec![
        ("token_name", json!(7)),
        ("token_name", json!("x".repeat(101))),
        ("token_name", json!("a\nb")),
        ("client_id", json!(7)),
    ];
    let days = [json!(0), json!(-1), json!(3651), json!(1.5), json!("7"), json!(1e30)];
    bad.extend(days.map(|days| ("expires_in_days", days)));
    for (field, value) in bad {
        let reply = create_token(&ada, with(field, value)).await.expect_error(400, "INVALID_FIELD");
        assert!(reply.text.contains(field), "{}", reply.text);
    }
    for id in ["", "x", "eve@example.com", "client_aaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        create_token(&ada, with("client_id", json!(id))).await.expect_error(404, "NOT_FOUND");
    }
    ada.visitor
        .post_raw("/v1/tokens", "application/json", "[")
        .await
        .expect_error(400, "INVALID_JSON");
    assert!(list_tokens(&ada).await.is_empty());
    for days in [json!(1), json!(3650)] {
        create_token(&ada, with("expires_in_days", days)).await.expect(200);
    }
    // An invalid credential is reported before an invalid body.
    let ended = ada.sign_in(&app).await;
    ended.post("/v1/logout", json!({})).await.expect(200);
    create_token(&ended, json!({})).await.expect_error(401, "invalid session");
    let with_token = app.visitor().with_bearer(&ada.token("x").await);
    with_token.post("/v1/tokens", json!({})).await.expect_error(403, "SESSION_REQUIRED");
}

#[tokio::test]
async fn a_repeated_request_returns_the_same_token() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let keyed = ada.visitor.clone().with_header("idempotency-key", "once");
    let body = json!({"token_name": "ci"});
    let first = keyed.post("/v1/tokens", body.clone()).await.expect(200);
    let again = keyed.post("/v1/tokens", body).await.expect(200);
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = keyed.post("/v1/tokens", json!({"token_name": "other"})).await;
    other.expect_error(409, "IDEMPOTENCY_CONFLICT");
    let twice = ada.visitor.clone().with_header("idempotency-key", "twice");
    let at_the_same_time = race(race_size().min(20), |_| {
        let twice = twice.clone();
        async move { twice.post("/v1/tokens", json!({"token_name": "ci"})).await }
    })
    .await;
    app.wait_until_idle(&at_the_same_time).await;
    // A request that was answered with 503 is sent again.
    let last = twice.post("/v1/tokens", json!({"token_name": "ci"})).await.expect(200);
    let mut answered = at_the_same_time.iter().filter(|reply| reply.status == 200);
    assert!(answered.all(|reply| reply.text == last.text));
    assert_eq!(list_tokens(&ada).await.len(), 2);
}

#[tokio::test]
async fn concurrent_creations_number_tokens_without_gaps() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let answers = race(race_size(), |number| {
        let ada = ada.clone();
        async move { create_token(&ada, json!({"token_name": format!("t{number}")})).await }
    })
    .await;
    assert!(answers.iter().all(|reply| matches!(reply.status, 200 | 503)));
    app.wait_until_idle(&answers).await;
    let stored = list_tokens(&ada).await;
    for made in &assert_numbered_without_gaps(&answers, &stored) {
        let seen = bearer_visitor(&app, made).get("/v1/token").await.expect(200).json();
        assert_eq!((&seen["id"], &seen["token_name"]), (&made["id"], &made["token_name"]));
    }
}

#[tokio::test]
async fn an_ended_session_or_membership_creates_no_token() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let thief = ada.sign_in(&app).await;
    let making = create_token(&thief, json!({"token_name": "late"}));
    let ending = async { drop(thief.post("/v1/logout", json!({})).await.expect(200)) };
    engine.delay_transaction(making, ending).await.expect_error(401, "invalid session");
    assert!(list_tokens(&ada).await.is_empty());

    let acme = ada.create_client("Acme").await;
    app.add_member(&acme, &eve, Role::Admin).await;
    let member = rows::member(&acme.parse().unwrap(), &eve.id().await);
    let making = create_token(&eve, json!({"token_name": "late", "client_id": acme}));
    let removing = async { app.stack().context().table.delete(&member).await.unwrap() };
    engine.delay_transaction(making, removing).await.expect_error(403, "NO_ACCESS");
    assert!(list_tokens(&eve).await.is_empty());
}

#[tokio::test]
async fn plain_secrets_tokens_are_stored_hashed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let acme = ada.create_client("Acme").await;
    let keyed = ada.visitor.clone().with_header("idempotency-key", "once");
    let made = keyed.post("/v1/tokens", json!({"token_name": "ci"})).await.expect(200).json();
    let path = format!("/v1/clients/{acme}/api-keys");
    let key =
        keyed.post(&path, json!({"name": "ci"})).await.expect_error(409, "IDEMPOTENCY_CONFLICT");
    assert!(!key.text.contains("aius_"));
    let keyed = ada.visitor.clone().with_header("idempotency-key", "for the key");
    let key = keyed.post(&path, json!({"name": "ci"})).await.expect(200).json();
    let keyed = ada.visitor.clone().with_header("idempotency-key", "for another value");
    let rotated = keyed.post(&format!("{path}/1/rotate"), json!({})).await.expect(200).json();
    let dump = serde_json::to_string(&app.dump().await).unwrap();
    for value in [&made["token"], &key["key"], &rotated["key"]] {
        let value = value.as_str().unwrap();
        assert!(!dump.contains(value));
        // The secret part is searched for as text and decoded.
        let secret = &value[value.len() - 48..];
        assert!(!dump.contains(secret) && !dump.contains(&value[5..]));
        let bytes = data_encoding::BASE64URL_NOPAD.decode(&value.as_bytes()[5..]).unwrap();
        let bytes = &bytes[21..53];
        for encoded in [
            data_encoding::BASE64.encode(bytes),
            data_encoding::HEXLOWER.encode(bytes),
            data_encoding::BASE64URL_NOPAD.encode(bytes),
        ] {
            assert!(!dump.contains(&encoded));
        }
    }
}
