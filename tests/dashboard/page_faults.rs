//! What pages show while DynamoDB fails.

use serde_json::json;
use tests::all_pages::{AllPages, Page};
use tests::faults::PERMANENTLY;
use tests::{Fault, FaultProxy, PASSWORD, PageReply, PageVisitor, TestApp};

/// More calls than any page makes.
const MAX_CALLS: usize = 30;

const PAGE: &str = "/account/profile";
const FORM: &str = "/account/profile/name";

/// Asserts that pages answer 200 or 503 and say what is unavailable while each of their calls fails in turn, and all
/// later ones with it.
async fn fail_each_call(is_wanted: impl Fn(&Page) -> bool) {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let pages = AllPages::fill(&app).await;
    app.wait_for_worker().await;
    for (person, mut listed) in pages.by_person() {
        listed.retain(&is_wanted);
        let mut browser = PageVisitor::of(&app, person);
        for page in &listed {
            fail_each_call_of(page, &engine, &mut browser).await;
        }
    }
}

async fn fail_each_call_of(page: &Page, engine: &FaultProxy, browser: &mut PageVisitor) {
    let Page { pattern, path } = page;
    browser.open(path).await.expect(200);
    for calls in 0.. {
        assert!(calls < MAX_CALLS, "{pattern} makes too many calls");
        engine.inject(Fault::Broken, calls, PERMANENTLY);
        let shown = browser.open(path).await;
        if !engine.clear_fault() {
            break;
        }
        let status = shown.reply.status;
        assert!(matches!(status, 200 | 503), "{pattern} after {calls} calls: {status}");
        let what = format!("{pattern} after {calls} calls: {}", shown.text());
        assert!(says_what_is_unavailable(&shown), "{what}");
        // A form may have led here, which was accepted.
        assert!(!shown.text().contains("Nothing was changed"), "{what}");
    }
    browser.open(path).await.expect(200);
}

fn says_what_is_unavailable(page: &PageReply) -> bool {
    page.texts("h1, p").iter().any(|text| text.contains("can't be reached"))
}

/// Returns whether a page is about the work or the bill of an organization, and not about its people, keys
/// and settings.
fn is_about_work(page: &Page) -> bool {
    let parts = ["/projects", "/artifacts", "/usage", "/billing"];
    page.is_of_organization() && parts.iter().any(|part| page.pattern.contains(part))
}

#[tokio::test]
async fn no_account_page_answers_500_when_a_call_fails() {
    fail_each_call(|page| !page.is_of_organization()).await;
}

#[tokio::test]
async fn no_organization_page_answers_500_when_a_call_fails() {
    fail_each_call(|page| page.is_of_organization() && !is_about_work(page)).await;
}

#[tokio::test]
async fn no_project_or_billing_page_answers_500_when_a_call_fails() {
    fail_each_call(is_about_work).await;
}

#[tokio::test]
async fn the_message_of_a_form_is_shown_if_its_page_fails() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PAGE).await.expect(200);
    let name = [("name", "Ada King")];
    browser.submit_without_redirect(&page, FORM, &name).await.expect(303);
    app.wait_for_worker().await;
    engine.inject(Fault::Broken, 0, PERMANENTLY);
    let failed = browser.open(PAGE).await.expect(503).expect_text("Name changed");
    let failed = failed.expect_text("This page can't be shown at the moment");
    assert!(!failed.text().contains("Nothing was changed"), "{}", failed.text());
    let refused = browser.submit_without_redirect(&page, FORM, &name).await.expect(503);
    let refused = refused.expect_text("Nothing was changed");
    engine.clear_fault();
    for (shown, label) in [(failed, "Try again"), (refused, "Back to the form")] {
        assert_eq!(shown.texts("main a.button")[0], label);
        assert_eq!(shown.attributes("main a.button", "href")[0], PAGE);
    }
}

#[tokio::test]
async fn what_was_typed_is_kept_while_its_page_fails() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PAGE).await.expect(200);
    ada.post("/v1/logout", json!({})).await.expect(200);
    let sign_in = browser.submit(&page, FORM, &[("name", "Ada King")]).await.expect(200);
    let typed = [("email", ada.email.as_str()), ("password", PASSWORD)];
    browser.submit_without_redirect(&sign_in, "/account/sign-in", &typed).await.expect(303);
    app.wait_for_worker().await;
    engine.inject(Fault::Broken, 0, PERMANENTLY);
    browser.open(PAGE).await.expect(503);
    engine.clear_fault();
    let back = browser.open(PAGE).await.expect(200).expect_text("You were signed out");
    assert_eq!(back.value(FORM, "name"), "Ada King");
}
