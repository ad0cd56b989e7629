//! When the use of a token is stored.

use serde_json::json;
use shared::keys as rows;
use shared::tokens::{PlainToken, Token};
use tests::activity::list_user_log_entries;
use tests::costs::assert_cost;
use tests::time::{DAY, HOUR};
use tests::tokens::{bearer_visitor, create_token, list_tokens, revoke_token};
use tests::{FaultProxy, Reply, TestApp};

#[tokio::test]
async fn verify_writes_token_use_is_stored_once_an_hour() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let script = app.visitor().with_bearer(&ada.token("ci").await);
    let last_used = async || list_tokens(&ada).await[0]["last_used_at"].clone();
    assert_eq!(last_used().await, json!(null));
    let used = script.get("/v1/token").await.expect(200);
    assert_cost(&used, 2, 2);
    let first = app.now().await;
    assert_eq!(last_used().await, first);
    let unwritten = |reply: &Reply| reply.cost().wcu == 0.0;
    for path in ["/v1/token", "/v1/me"] {
        let used = script.get(path).await.expect(200);
        assert_cost(&used, 1, 1);
        assert!(unwritten(&used));
    }
    app.advance_clock(HOUR - 1).await;
    assert!(unwritten(&script.get("/v1/token").await.expect(200)));
    assert_eq!(last_used().await, first);
    app.advance_clock(1).await;
    assert!(!unwritten(&script.get("/v1/token").await.expect(200)));
    assert_eq!(last_used().await, first + 3600);
    // The use of a personal token is not logged.
    assert!(!serde_json::to_string(&app.dump().await).unwrap().contains("key.used"));
}

#[tokio::test]
async fn storing_a_use_does_not_restore_a_revoked_token() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let table = &app.stack().context().table;
    for erased in [false, true] {
        let made = create_token(&ada, json!({"token_name": "ci"})).await.expect(200).json();
        let plain = PlainToken::parse(made["token"].as_str().unwrap()).unwrap();
        let row = rows::token(plain.holder(), plain.number());
        let script = bearer_visitor(&app, &made);
        let ending = async {
            if erased {
                table.delete(&row).await.unwrap();
            } else {
                revoke_token(&ada, &made["id"]).await.expect(200);
            }
        };
        engine.delay_transaction(script.get("/v1/token"), ending).await.expect(200);
        script.get("/v1/token").await.expect_error(401, "invalid token");
        let stored_token: Option<Token> = table.get(&row).await.unwrap();
        assert_eq!(stored_token.is_none(), erased);
        if let Some(token) = stored_token {
            assert_eq!(token.last_used_at, None, "nothing is used after it was revoked");
            assert!(token.revoked_at.is_some());
        }
    }
}

#[tokio::test]
async fn the_first_use_of_a_token_on_a_day_is_in_the_log() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let made = create_token(&ada, json!({"token_name": "ci"})).await.expect(200).json();
    let script = bearer_visitor(&app, &made);
    app.advance_to_next(DAY).await;
    for (hour, uses) in [(0, 1), (2, 1), (23, 1), (25, 2)] {
        let since = u64::try_from(app.now().await).unwrap() % DAY;
        app.advance_clock_only((hour * HOUR).saturating_sub(since).max(1)).await;
        script.get("/v1/token").await.expect(200);
        let used = list_user_log_entries(&app, "token.used").await;
        assert_eq!(used.len(), uses, "{hour}");
        assert_eq!(used[0]["target"]["S"], "1");
    }
}
