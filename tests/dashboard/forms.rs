//! What holds for every form of the dashboard.

use reqwest::Method;
use serde_json::json;
use tests::{PageVisitor, TestApp};

const NAME_FORM: &str = "/account/profile/name";

#[tokio::test]
async fn a_form_without_its_token_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open("/account/profile").await.expect(200);
    let other = page.value("/account/profile/details", "csrf");
    for token in ["", "seed.AAAA", &other] {
        let refused = browser.submit(&page, NAME_FORM, &[("csrf", token), ("name", "Eve")]).await;
        refused.expect(403).expect_text("This form has expired");
    }
    let unchanged = browser.open("/account/profile").await.value(NAME_FORM, "name");
    assert_eq!(unchanged, "ada");
}

#[tokio::test]
async fn a_token_of_another_person_is_refused() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let page = PageVisitor::signed_in(&app, &bob).open("/account/profile").await.expect(200);
    let mut browser = PageVisitor::signed_in(&app, &ada);
    browser.submit(&page, NAME_FORM, &[("name", "Eve")]).await.expect(403);
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open("/account/profile").await.expect(200);
    let fields = page.form_fields(NAME_FORM);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    let visitor = ada.visitor.clone().with_header("origin", "https://evil.example");
    let body = Some(("application/x-www-form-urlencoded", body.into_bytes()));
    let refused = visitor.send(Method::POST, NAME_FORM, body).await.expect(403);
    assert!(refused.text.contains("Sent from another site"), "{}", refused.text);
}

#[tokio::test]
async fn an_ended_session_keeps_what_was_typed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open("/account/profile").await.expect(200);
    ada.post("/v1/logout", json!({})).await.expect(200);
    let sign_in = browser.submit(&page, NAME_FORM, &[("name", "Ada King")]).await;
    let sign_in = sign_in.expect(200).expect_path("/account/sign-in");
    let typed = [("email", ada.email.as_str()), ("password", tests::PASSWORD)];
    let back = browser.submit(&sign_in, "/account/sign-in", &typed).await;
    let back = back.expect(200).expect_path("/account/profile").expect_text("You were signed out");
    assert_eq!(back.value(NAME_FORM, "name"), "Ada King");
    let saved = browser.submit(&back, NAME_FORM, &[]).await.expect(200);
    assert_eq!(saved.expect_text("Name changed").value(NAME_FORM, "name"), "Ada King");
}

#[tokio::test]
async fn a_message_is_shown_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open("/account/profile").await.expect(200);
    let saved = browser.submit(&page, NAME_FORM, &[("name", "Ada King")]).await;
    saved.expect(200).expect_text("Name changed");
    let again = browser.open("/account/profile").await.expect(200);
    assert!(!again.text().contains("Name changed"));
}

#[tokio::test]
async fn pages_are_private_and_allow_no_foreign_content() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open("/account/profile").await.expect(200);
    assert_eq!(page.reply.header("cache-control"), Some("no-store"));
    let policy = page.reply.header("content-security-policy").unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    for asset in page.attributes("link[rel=stylesheet], script, link[rel=icon]", "href") {
        let asset = browser.open(&asset).await.expect(200);
        let kept = asset.reply.header("cache-control");
        assert_eq!(kept, Some("public, max-age=31536000, immutable"));
    }
    browser.open("/account/assets/0000.css").await.expect(404);
    browser.open("/account/nowhere").await.expect(404).expect_text("Page not found");
}

#[tokio::test]
async fn a_visitor_without_a_session_signs_in_first() {
    let app = TestApp::start().await;
    let mut browser = PageVisitor::new(&app);
    let sign_in = browser.open("/account/profile").await.expect(200);
    assert_eq!(sign_in.path, "/account/sign-in?next=%2Faccount%2Fprofile");
    browser.open("/").await.expect(200).expect_path("/account/sign-in");
}

#[tokio::test]
async fn a_page_takes_no_bearer_token() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let made = tests::tokens::create_token(&ada, json!({"token_name": "laptop"})).await.json();
    let bearer = tests::tokens::bearer_visitor(&app, &made);
    bearer.get("/v1/me").await.expect(200);
    let reply = bearer.get("/account/profile").await.expect(303);
    assert_eq!(reply.header("location"), Some("/account/sign-in?next=%2Faccount%2Fprofile"));
}

#[tokio::test]
async fn a_sign_in_leads_to_this_site_only() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "/%2F/evil.example"] {
        let mut browser = PageVisitor::new(&app);
        let next = form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>();
        let page = browser.open(&format!("/account/sign-in?next={next}")).await.expect(200);
        let typed = [("email", ada.email.as_str()), ("password", tests::PASSWORD)];
        let signed_in = browser.submit(&page, "/account/sign-in", &typed).await.expect(200);
        assert!(signed_in.path.starts_with("/account/organizations/"), "{}", signed_in.path);
    }
}
