//! Google in a browser: signing in, the second factor, failures, and connecting.

use reqwest::{Method, Url};
use tests::{Authenticator, PASSWORD, PageReply, PageVisitor, TestApp};

const SIGN_IN: &str = "/account/sign-in";
const CONNECTIONS: &str = "/account/connections";

fn path_of(url: &str) -> String {
    let url = Url::parse(url).expect("an absolute URL");
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// Follows a link to Google, signs in there with an address, and returns the callback.
async fn callback(browser: &mut PageVisitor, link: &str, email: &str) -> String {
    let link = format!("{link}&login_hint={email}");
    let sent = browser.send(Method::GET, &link, None).await.expect(302);
    let google = path_of(sent.header("location").unwrap());
    let back = browser.send(Method::GET, &google, None).await.expect(302);
    path_of(back.header("location").unwrap())
}

async fn google_link(browser: &mut PageVisitor, path: &str) -> String {
    let page = browser.open(path).await.expect(200);
    page.attributes("a[href*='/v1/auth/google']", "href").remove(0)
}

/// Signs in with Google from a page.
async fn sign_in(browser: &mut PageVisitor, path: &str, email: &str) -> PageReply {
    let link = google_link(browser, path).await;
    let callback = callback(browser, &link, email).await;
    browser.open(&callback).await
}

#[tokio::test]
async fn google_signs_in_and_leads_to_the_page_asked_for() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let mut browser = PageVisitor::new(&app);
    let page = sign_in(&mut browser, "/account/connections", "ada@example.com").await.expect(200);
    let page = page.expect_path(CONNECTIONS).expect_text("ada@example.com");
    page.expect_text("Google is the only way to sign in");
    let page = sign_in(&mut PageVisitor::new(&app), SIGN_IN, "ada@example.com").await;
    assert!(page.path.starts_with("/account/organizations/"), "{}", page.path);
}

#[tokio::test]
async fn google_asks_for_the_second_factor_without_script() {
    let app = TestApp::start().await;
    app.create_google_account("ada@example.com", true).await;
    let ada = app.sign_up("ada").await;
    let authenticator = Authenticator::enabled(&app, &ada.visitor).await;
    let mut browser = PageVisitor::new(&app);
    let path = format!("{SIGN_IN}?next=/account/profile");
    let link = google_link(&mut browser, &path).await;
    let callback = callback(&mut browser, &link, "ada@example.com").await;
    let sent = browser.send(Method::GET, &callback, None).await.expect(302);
    assert_eq!(sent.header("location"), Some("/account/two-factor?next=%2Faccount%2Fprofile"));
    let page = browser.open(sent.header("location").unwrap()).await.expect(200);
    let code = authenticator.code(&app).await;
    let page = browser.submit(&page, "/account/two-factor", &[("code", &code)]).await;
    page.expect(200).expect_path("/account/profile");
}

#[tokio::test]
async fn failures_of_google_are_shown_on_the_page() {
    let app = TestApp::start().await;
    app.create_google_account("eve@example.com", false).await;
    let mut browser = PageVisitor::new(&app);
    let path = format!("{SIGN_IN}?next=/account/profile");
    let page = sign_in(&mut browser, &path, "eve@example.com").await.expect(200);
    let page = page.expect_path(SIGN_IN).expect_text("not verified at Google");
    assert_eq!(page.value(SIGN_IN, "next"), "/account/profile");
    // Cancelled at Google.
    let link = google_link(&mut browser, &path).await;
    let sent = browser.send(Method::GET, &link, None).await.expect(302);
    let url = Url::parse(sent.header("location").unwrap()).unwrap();
    let (_, state) = url.query_pairs().find(|(name, _)| name == "state").unwrap();
    let cancelled = format!("/api/v1/auth/google/callback?error=access_denied&state={state}");
    browser.open(&cancelled).await.expect(200).expect_text("You cancelled at Google");
    // The flow began elsewhere. Only a browser's `Accept` tells that a person looks at the answer.
    let visitor = app.visitor().with_header("accept", "text/html,*/*;q=0.8");
    let sent = visitor.get("/api/v1/auth/google/callback?code=x&state=y").await.expect(302);
    assert_eq!(sent.header("location"), Some("/account/sign-in?google_error=EXPIRED"));
    let page = browser.open(&format!("{SIGN_IN}?google_error=%3Cscript%3E")).await.expect(200);
    assert!(page.texts(".errors").is_empty());
}

#[tokio::test]
async fn google_is_connected_and_disconnected() {
    let app = TestApp::start().await;
    app.create_google_account("ada@gmail.example", true).await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    app.expire_proof().await;
    // The proof of identity is not recent: the page asks for it first.
    let page = browser.open(CONNECTIONS).await.expect(200);
    let prompt = browser.submit(&page, "/account/connections/confirm", &[]).await.expect(401);
    let typed = [("reauth_password", PASSWORD)];
    let page = browser.submit(&prompt, "/account/connections/confirm", &typed).await.expect(200);
    page.expect_path(CONNECTIONS).expect_text("Identity confirmed");
    let page = sign_in(&mut browser, CONNECTIONS, "ada@gmail.example").await.expect(200);
    let page = page.expect_path(CONNECTIONS).expect_text("ada@gmail.example");
    let page = browser.open(&page.attributes("main a.danger-button", "href")[0]).await.expect(200);
    let page = page.expect_text("ada@gmail.example no longer signs in");
    let action = "/account/connections/google/disconnect";
    let page = browser.submit(&page, action, &[]).await.expect(200).expect_path(CONNECTIONS);
    page.expect_text("Google disconnected").expect_text("No Google account is connected");
}

#[tokio::test]
async fn a_google_account_of_another_person_is_refused() {
    let app = TestApp::start().await;
    app.create_google_account("eve@example.com", true).await;
    sign_in(&mut PageVisitor::new(&app), SIGN_IN, "eve@example.com").await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = sign_in(&mut browser, CONNECTIONS, "eve@example.com").await.expect(200);
    page.expect_path(CONNECTIONS).expect_text("belongs to another account");
}
