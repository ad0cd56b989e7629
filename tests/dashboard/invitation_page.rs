//! The page of an invitation.

use tests::invitations::invite_and_read_token;
use tests::{PASSWORD, PageVisitor, TestApp};

const ACCEPT: &str = "/account/invitations/accept";
const DECLINE: &str = "/account/invitations/decline";

struct Scene {
    app: TestApp,
    client: String,
    link: String,
}

async fn invited() -> Scene {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.set_plan(&client, "pro").await;
    ada.reauthenticate().await;
    let token = invite_and_read_token(&app, &ada, &client, "bob@example.com").await;
    Scene { app, client, link: format!("{ACCEPT}?token={token}") }
}

#[tokio::test]
async fn a_new_person_signs_up_and_accepts() {
    let Scene { app, client, link } = invited().await;
    let mut browser = PageVisitor::new(&app);
    let page = browser.open(&link).await.expect(200).expect_text("ada invites");
    let page = page.expect_text("b•••@example.com").expect_text("a member, who works on projects");
    let sign_up = page.attributes("main a[href*=sign-up]", "href");
    let page = browser.open(&sign_up[0]).await.expect(200);
    let typed = [("name", "Bob"), ("email", "bob@example.com"), ("password", PASSWORD)];
    let page = browser.submit(&page, "/account/sign-up", &typed).await.expect(200);
    let code = app.code("bob@example.com").await;
    let page = browser.submit(&page, "/account/verify-email", &[("code", &code)]).await;
    let page = page.expect(200).expect_path(ACCEPT).expect_text("bob@example.com");
    let page = browser.submit(&page, ACCEPT, &[]).await;
    assert!(page.path.starts_with(&format!("/account/organizations/{client}")), "{}", page.path);
    let page = browser.open(&link).await.expect(200);
    page.expect_text("This invitation was accepted already");
}

#[tokio::test]
async fn another_address_can_not_accept() {
    let Scene { app, link, .. } = invited().await;
    let eve = app.sign_up("eve").await;
    let mut browser = PageVisitor::signed_in(&app, &eve);
    let page = browser.open(&link).await.expect(200);
    let page = page.expect_text("You are signed in with another address");
    assert!(page.attributes(&format!("form[action='{ACCEPT}']"), "action").is_empty());
    let page = browser.submit(&page, "/account/sign-out", &[]).await.expect(200);
    let page = page.expect_path("/account/sign-in");
    assert!(page.value("/account/sign-in", "next").starts_with(ACCEPT));
}

#[tokio::test]
async fn an_invitation_is_declined_once() {
    let Scene { app, link, .. } = invited().await;
    let bob = app.sign_up("bob").await;
    let mut browser = PageVisitor::signed_in(&app, &bob);
    let page = browser.open(&link).await.expect(200);
    browser.submit(&page, DECLINE, &[]).await;
    let late = browser.submit(&page, ACCEPT, &[]).await.expect(409);
    late.expect_text("already accepted or declined");
    browser.open(&link).await.expect(200).expect_text("This invitation was declined");
}

#[tokio::test]
async fn an_invitation_that_is_over_says_so() {
    let Scene { app, link, .. } = invited().await;
    let mut browser = PageVisitor::new(&app);
    app.advance_clock_only(7 * 86_400).await;
    browser.open(&link).await.expect(200).expect_text("This invitation has expired");
    let unknown = browser.open(&format!("{ACCEPT}?token=x")).await.expect(404);
    unknown.expect_text("This invitation is not valid");
}
