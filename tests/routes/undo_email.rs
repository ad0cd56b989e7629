//! Tests of `/v1/email/undo`, which restores the previous address.

use serde_json::json;
use tests::change_email::{change_address, log_in, undo_change};
use tests::{PASSWORD, Person, TestApp};

/// Sets the password again with the link that was mailed to the restored address.
async fn set_password_again(app: &TestApp) {
    let link = app.reset_token("ada@example.com").await;
    app.reset_with_link(&link, PASSWORD).await.expect(200);
    log_in(app, "ada@example.com").await.expect(200);
}

#[tokio::test]
async fn stale_sessions_email_undo_ends_all_sessions() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = change_address(&app, &ada, "eve@example.org").await;
    let elsewhere = log_in(&app, "eve@example.org").await.expect(200);
    let elsewhere = Person::from_session(&app.visitor(), "eve@example.org", &elsewhere);
    app.advance_clock(7 * 24 * 3600 - 3600).await;
    undo_change(&app, &token).await.expect(200);
    for session in [&ada, &elsewhere] {
        session.get("/v1/me").await.expect_error(401, "invalid session");
    }
    // A person who knew the password loses the account, and the owner sets a new one with the mailed link.
    log_in(&app, "ada@example.com").await.expect_error(401, "INVALID_CREDENTIALS");
    log_in(&app, "eve@example.org").await.expect(401);
    let mail = app.mails("ada@example.com").await[0].clone();
    assert_eq!(mail["subject"], "Set a new password for your AIUS account");
    let link = app.reset_token("ada@example.com").await;
    app.reset_with_link(&link, "another-horse-7").await.expect(200);
    app.visitor()
        .post("/v1/login", json!({"email": "ada@example.com", "password": "another-horse-7"}))
        .await
        .expect(200);
    undo_change(&app, &token).await.expect_error(400, "INVALID_CODE");
    // The address that the account left is free at once.
    let body = json!({"email": "eve@example.org", "name": "Eve", "password": PASSWORD});
    app.visitor().post("/v1/register", body).await.expect(200);
}

#[tokio::test]
async fn an_undo_link_expires_after_seven_days() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = change_address(&app, &ada, "ada@example.org").await;
    for bad in [".", "x", &token[..token.len() - 1]] {
        let reply = app.visitor().post("/v1/email/undo", json!({"token": bad})).await;
        reply.expect_error(400, "INVALID_CODE");
    }
    for none in [json!({}), json!({"token": ""})] {
        let none = app.visitor().post("/v1/email/undo", none).await;
        none.expect_error(400, "MISSING_TOKEN");
    }
    // Nobody else can register the old address until then.
    let body = json!({"email": "ada@example.com", "name": "Eve", "password": PASSWORD});
    let taken = app.visitor().post("/v1/register", body.clone()).await;
    taken.expect_error(409, "EMAIL_ALREADY_EXISTS");
    app.advance_clock(7 * 24 * 3600).await;
    undo_change(&app, &token).await.expect_error(400, "INVALID_CODE");
    app.visitor().post("/v1/register", body).await.expect(200);
}

/// An attacker changes the address twice, so that the second notice goes to an address of theirs.
#[tokio::test]
async fn an_undo_voids_later_changes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let owners = change_address(&app, &ada, "eve1@example.org").await;
    app.advance_clock(60).await;
    let eves = change_address(&app, &ada, "eve2@example.org").await;
    undo_change(&app, &owners).await.expect(200);
    undo_change(&app, &eves).await.expect_error(400, "INVALID_CODE");
    set_password_again(&app).await;
    // The second undo stays void after the owner has changed the address.
    let ada = ada.sign_in(&app).await;
    for new in ["ada1@example.org", "ada2@example.org"] {
        app.advance_clock(60).await;
        change_address(&app, &ada, new).await;
    }
    undo_change(&app, &eves).await.expect_error(400, "INVALID_CODE");
    log_in(&app, "ada2@example.org").await.expect(200);
}

#[tokio::test]
async fn a_previous_address_can_be_chosen_again() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let first = change_address(&app, &ada, "ada@example.org").await;
    app.advance_clock(60).await;
    change_address(&app, &ada, "ada@example.com").await;
    log_in(&app, "ada@example.com").await.expect(200);
    undo_change(&app, &first).await.expect(200);
    set_password_again(&app).await;
    let body = json!({"email": "ada@example.com", "name": "Eve", "password": PASSWORD});
    app.visitor().post("/v1/register", body).await.expect(409);
}

#[tokio::test]
async fn scanner_burns_link_only_a_post_undoes_a_change() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let token = change_address(&app, &ada, "ada@example.org").await;
    let visitor = app.visitor();
    for path in ["/v1/email/undo", "/api/v1/email/undo"] {
        // Links of older mails lead to the page. Neither browsers nor scanners send the part after the `#`.
        let moved = visitor.get(path).await.expect(303);
        assert_eq!(moved.header("location"), Some("/account/undo-email"));
        let link = format!("{path}?token={token}");
        for method in [reqwest::Method::GET, reqwest::Method::HEAD] {
            let moved = visitor.send(method, &link, None).await.expect(303);
            let page = format!("/account/undo-email?token={token}");
            assert_eq!(moved.header("location"), Some(page.as_str()));
            visitor.get(&page).await.expect(200);
        }
    }
    assert_eq!(ada.get("/v1/me").await.json()["user"]["email"], "ada@example.org");
    undo_change(&app, &token).await.expect(200);
}
