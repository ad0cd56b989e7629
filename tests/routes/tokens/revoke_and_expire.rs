//! When a token ends: revocation, expiry and the deletion of its account.

use serde_json::json;
use tests::activity::list_user_log_entries;
use tests::time::DAY;
use tests::tokens::{bearer_visitor, create_token, list_tokens, revoke_token};
use tests::{PASSWORD, TestApp, race, race_size};

#[tokio::test]
async fn stale_key_revoked_token_is_refused_on_the_next_request() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let made = create_token(&ada, json!({"token_name": "ci"})).await.expect(200).json();
    let script = bearer_visitor(&app, &made);
    script.get("/v1/me").await.expect(200);
    revoke_token(&eve, &made["id"]).await.expect_error(404, "NOT_FOUND");
    let revoked = revoke_token(&ada, &made["id"]).await.expect(200).json();
    assert_eq!(revoked, json!({"id": 1, "revoked_at": app.now().await}));
    for path in ["/v1/me", "/v1/token", "/v1/clients"] {
        script.get(path).await.expect_error(401, "invalid token");
    }
    app.advance_clock(60).await;
    assert_eq!(revoke_token(&ada, &made["id"]).await.expect(200).json(), revoked);
    let entries = list_user_log_entries(&app, "token.revoked").await;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["target"]["S"], "1");
    assert_eq!(entries[0]["details"]["M"]["name"]["S"], "ci");

    ada.post("/v1/tokens/revoke", json!({})).await.expect_error(400, "MISSING_ID");
    revoke_token(&ada, &json!(null)).await.expect_error(400, "MISSING_ID");
    for bad in [json!("1"), json!(1.5), json!([1]), json!(true)] {
        revoke_token(&ada, &bad).await.expect_error(400, "INVALID_FIELD");
    }
    for unknown in [json!(0), json!(-1), json!(2), json!(u64::from(u32::MAX) + 2)] {
        revoke_token(&ada, &unknown).await.expect_error(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn stale_key_concurrent_revocations_take_effect_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = ada.token("ci").await;
    let script = app.visitor().with_bearer(&token);
    let answers = race(race_size(), |_| {
        let ada = ada.clone();
        async move { revoke_token(&ada, &json!(1)).await }
    })
    .await;
    app.wait_until_idle(&answers).await;
    // A request that was answered with 503 is sent again.
    let last = revoke_token(&ada, &json!(1)).await.expect(200);
    assert!(answers.iter().all(|r| r.status == 503 || r.status == 200 && r.text == last.text));
    script.get("/v1/token").await.expect_error(401, "invalid token");
    assert_eq!(list_user_log_entries(&app, "token.revoked").await.len(), 1);
}

#[tokio::test]
async fn a_token_expires_at_its_expiry_time() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let body = json!({"token_name": "ci", "expires_in_days": 1});
    let made = create_token(&ada, body).await.expect(200).json();
    let script = bearer_visitor(&app, &made);
    app.advance_clock_only(DAY - 1).await;
    let seen = script.get("/v1/token").await.expect(200).json();
    assert_eq!(seen["expires_at"], app.now().await + 1);
    app.advance_clock(1).await;
    script.get("/v1/token").await.expect_error(401, "invalid token");
    assert_eq!(list_tokens(&ada).await[0]["revoked_at"], json!(null));
}

#[tokio::test]
async fn tokens_ended_by_an_account_deletion_are_shown_revoked() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let old = app.visitor().with_bearer(&ada.token("old").await);
    let revoked = ada.token("revoked").await;
    assert!(revoked.starts_with("aius_"));
    revoke_token(&ada, &json!(2)).await.expect(200);
    let revoked_at = app.now().await;
    app.advance_clock(100).await;
    let ended_at = app.now().await;
    ada.delete("/v1/me", json!({"password": PASSWORD, "confirm": "DELETE"})).await.expect(200);
    app.advance_clock(100).await;
    let ada = ada.sign_in(&app).await;
    create_token(&ada, json!({"token_name": "x"})).await.expect_error(403, "PENDING_DELETION");
    ada.post("/v1/me/restore", json!({})).await.expect(200);
    old.get("/v1/me").await.expect_error(401, "invalid token");
    let new = ada.token("new").await;
    app.visitor().with_bearer(&new).get("/v1/me").await.expect(200);
    let shown: Vec<_> =
        list_tokens(&ada).await.iter().map(|token| token["revoked_at"].as_i64()).collect();
    assert_eq!(shown, [Some(ended_at), Some(revoked_at), None]);
    let again = revoke_token(&ada, &json!(1)).await.expect(200).json();
    assert_eq!(again["revoked_at"], ended_at);
}

#[tokio::test]
async fn no_token_outlives_a_concurrent_account_deletion() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let answers = race(race_size().min(20), |number| {
        let ada = ada.clone();
        async move {
            if number == 10 {
                let body = json!({"password": PASSWORD, "confirm": "DELETE"});
                return ada.delete("/v1/me", body).await;
            }
            create_token(&ada, json!({"token_name": "late"})).await
        }
    })
    .await;
    app.wait_until_idle(&answers).await;
    if answers[10].status != 200 {
        // If the deletion met too many conflicts, it runs now, unless only its response was lost.
        let body = json!({"password": PASSWORD, "confirm": "DELETE"});
        let again = ada.delete("/v1/me", body).await;
        assert!(again.status == 200 || again.code() == "invalid session", "{}", again.text);
    }
    ada.sign_in(&app).await.post("/v1/me/restore", json!({})).await.expect(200);
    for (number, reply) in answers.iter().enumerate() {
        if number != 10 && reply.status == 200 {
            let script = bearer_visitor(&app, &reply.json());
            script.get("/v1/token").await.expect_error(401, "invalid token");
        }
    }
}
