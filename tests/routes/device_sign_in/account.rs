//! What happens to an account between the approval and the token.

use serde_json::json;
use tests::account_deletion::{delete_account, sign_in_to_deleted_account};
use tests::device_sign_in::{APPROVE_FORM, CommandLine, approve, enter_code};
use tests::tokens::list_tokens;
use tests::{FaultProxy, PASSWORD, PageVisitor, Person, TestApp};

/// Approves a program for a new person.
async fn approved(app: &TestApp, who: &str) -> (Person, CommandLine) {
    let person = app.sign_up(who).await;
    let program = CommandLine::start(app).await;
    approve(app, &person, &program).await.expect(200).expect_path("/account/device/approved");
    (person, program)
}

#[tokio::test]
async fn a_password_reset_ends_an_approval() {
    let app = TestApp::start().await;
    let (ada, program) = approved(&app, "ada").await;
    app.visitor().post("/v1/password/forgot", json!({"email": ada.email})).await.expect(200);
    let link = app.reset_token(&ada.email).await;
    app.reset_with_link(&link, "another-horse-7").await.expect(200);
    program.poll().await.expect_oauth_error("access_denied");
    let again = json!({"email": ada.email, "password": "another-horse-7"});
    let visitor = app.visitor();
    let reply = visitor.post("/v1/login", again).await.expect(200);
    let back = Person::from_session(&visitor, &ada.email, &reply);
    assert!(list_tokens(&back).await.is_empty());
    program.poll().await.expect_oauth_error("access_denied");
}

#[tokio::test]
async fn ended_access_ends_an_approval() {
    let app = TestApp::start().await;
    let (ada, program) = approved(&app, "ada").await;
    let body = json!({"current_password": PASSWORD, "new_password": "another-horse-7"});
    ada.post("/v1/me/password", body).await.expect(200);
    program.poll().await.expect_oauth_error("access_denied");

    let (bob, program) = approved(&app, "bob").await;
    bob.delete("/v1/me/sessions", json!({})).await.expect(200);
    program.poll().await.expect_oauth_error("access_denied");

    let (eve, program) = approved(&app, "eve").await;
    let not_me = app.not_me_token(&eve.email).await;
    app.report_not_me(&not_me).await.expect(200);
    program.poll().await.expect_oauth_error("access_denied");
}

#[tokio::test]
async fn a_deleted_account_gets_no_token() {
    let app = TestApp::start().await;
    let (ada, program) = approved(&app, "ada").await;
    delete_account(&ada).await;
    program.poll().await.expect_oauth_error("access_denied");
    // Restoring the account does not restore the approval.
    let back = sign_in_to_deleted_account(&app, &ada).await;
    back.post("/v1/me/restore", json!({})).await.expect(200);
    program.poll().await.expect_oauth_error("access_denied");
    assert!(list_tokens(&back).await.is_empty());
}

#[tokio::test]
async fn signing_out_does_not_end_an_approval() {
    let app = TestApp::start().await;
    let (ada, program) = approved(&app, "ada").await;
    ada.post("/v1/logout", json!({})).await.expect(200);
    program.poll().await.expect(200);
}

#[tokio::test]
async fn access_that_ends_at_the_same_moment_ends_an_approval() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let (ada, program) = approved(&app, "ada").await;
    app.mails(&ada.email).await;
    let ending = async { drop(ada.delete("/v1/me/sessions", json!({})).await.expect(200)) };
    let late = engine.delay_transaction(program.poll(), ending).await;
    late.expect_oauth_error("access_denied");
    assert!(list_tokens(&ada).await.is_empty());
}

#[tokio::test]
async fn a_session_that_ends_at_the_same_moment_approves_nothing() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let thief = ada.sign_in(&app).await;
    let program = CommandLine::start(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &thief);
    let page = enter_code(&mut browser, &program.user_code).await.expect(200);
    app.mails(&ada.email).await;
    let ending = async { drop(thief.post("/v1/logout", json!({})).await.expect(200)) };
    let approving = browser.submit(&page, APPROVE_FORM, &[]);
    let late = engine.delay_transaction(approving, ending).await;
    late.expect(200).expect_path("/account/sign-in");
    program.poll().await.expect_oauth_error("authorization_pending");
    let subjects = app.subjects(&ada.email).await;
    assert!(!subjects.iter().any(|subject| subject.starts_with("A program")), "{subjects:?}");
}
