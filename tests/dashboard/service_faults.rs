//! What pages show while Stripe or S3 fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use local::StackOptions;
use serde_json::json;
use tests::all_pages::{AllPages, Page};
use tests::test_server::serve;
use tests::{PageReply, PageVisitor, TestApp, price};

/// More calls than any page makes.
const MAX_CALLS: usize = 30;

/// Makes the calls of Stripe fail, after some that succeed.
async fn break_stripe(app: &TestApp, calls: usize) {
    app.control_stripe("faults", json!({"next": 1000, "status": 500, "skip": calls})).await;
}

/// Lets the calls of Stripe succeed again.
async fn mend_stripe(app: &TestApp) {
    app.control_stripe("faults", json!({"next": 0, "status": 500})).await;
}

/// Asserts that a page says what cannot be reached.
fn assert_said(page: &PageReply, what: &str) {
    let is_said = page.texts("h1, p, li").iter().any(|text| text.contains("can't be reached"));
    assert!(is_said, "{what}: {}", page.text());
}

/// Opens a page while each of its calls to Stripe fails in turn, and all later ones with it. Returns whether it makes
/// any.
async fn fail_each_stripe_call_of(page: &Page, app: &TestApp, browser: &mut PageVisitor) -> bool {
    let Page { pattern, path } = page;
    for calls in 0.. {
        assert!(calls < MAX_CALLS, "{pattern} makes too many calls");
        break_stripe(app, calls).await;
        let before = app.stripe_requests().await.len();
        let shown = browser.open(path).await;
        let what = format!("{pattern} after {calls} calls");
        if app.stripe_requests().await.len() - before <= calls {
            shown.expect(200);
            mend_stripe(app).await;
            return calls > 0;
        }
        let status = shown.reply.status;
        assert!(matches!(status, 200 | 503), "{what}: {status}");
        assert_said(&shown, &what);
        // An organization may make a limited number of calls in a minute.
        app.advance_clock(60).await;
    }
    unreachable!("the loop ends at the last call");
}

#[tokio::test]
async fn no_page_answers_500_when_stripe_fails() {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    app.wait_for_worker().await;
    let mut with_stripe = Vec::new();
    for (person, listed) in pages.by_person() {
        let mut browser = PageVisitor::of(&app, person);
        for page in listed {
            if fail_each_stripe_call_of(&page, &app, &mut browser).await {
                with_stripe.push(page.pattern);
            }
        }
    }
    let billing = "/account/organizations/{client_id}/billing";
    let expected = ["", "/plan?price_id={price_id}", "/cards/{payment_method_id}/remove"];
    assert_eq!(with_stripe, expected.map(|page| format!("{billing}{page}")));
}

/// The first call to Stripe of each form fails.
#[tokio::test]
async fn forms_say_that_stripe_fails_and_change_nothing() {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &pages.owner);
    let billing = pages.path("/account/organizations/{client_id}/billing");
    let plan = format!("{billing}/plan?price_id={}", price("pro"));
    let remove = "/account/organizations/{client_id}/billing/cards/{payment_method_id}/remove";
    let remove = pages.path(remove);
    let cancel = format!("{billing}/cancel");
    let forms = [
        (&billing, format!("{billing}/top-up")),
        (&billing, format!("{billing}/card")),
        (&billing, format!("{billing}/portal")),
        (&plan, format!("{billing}/plan")),
        (&cancel, cancel.clone()),
        (&remove, remove.clone()),
    ];
    for (page, form) in forms {
        let shown = browser.open(page).await.expect(200);
        break_stripe(&app, 0).await;
        let refused = browser.submit(&shown, &form, &[]).await.expect(503);
        assert_said(&refused, &form);
        mend_stripe(&app).await;
        app.advance_clock(60).await;
    }
    let subscription = pages.owner.subscription(&pages.client).await;
    assert_eq!(subscription["plan_name"], "basic");
    assert_eq!(subscription["cancel_at_period_end"], false);
}

/// Starts an S3 that accepts every request, and answers 503 while it is broken.
async fn start_s3() -> (Arc<AtomicBool>, String) {
    let is_broken = Arc::new(AtomicBool::new(false));
    let answer = |State(is_broken): State<Arc<AtomicBool>>| async move {
        match is_broken.load(Ordering::Relaxed) {
            true => StatusCode::SERVICE_UNAVAILABLE,
            false => StatusCode::OK,
        }
    };
    let url = serve(Router::new().fallback(answer).with_state(is_broken.clone())).await;
    (is_broken, url)
}

#[tokio::test]
async fn pages_work_without_s3_and_an_upload_says_so() {
    let (is_broken, url) = start_s3().await;
    let options = StackOptions { s3_url: Some(url), ..StackOptions::default() };
    let app = TestApp::start_with_options(options).await;
    let pages = AllPages::fill(&app).await;
    app.wait_for_worker().await;
    is_broken.store(true, Ordering::Relaxed);
    for (person, listed) in pages.by_person() {
        let mut browser = PageVisitor::of(&app, person);
        for page in listed {
            browser.open(&page.path).await.expect(200);
        }
    }
    let mut browser = PageVisitor::signed_in(&app, &pages.owner);
    let project = pages.path("/account/organizations/{client_id}/projects/{project_id}");
    let page = browser.open(&project).await.expect(200);
    let form = format!("{project}/upload");
    let file = ("file", "new.csv", &b"a,b\n"[..]);
    let fields = |page: &PageReply| {
        let mut fields = page.form_fields(&form);
        fields.retain(|(name, _)| name != "path" && name != "file");
        fields.push(("path".to_owned(), "reports/new.csv".to_owned()));
        fields
    };
    let refused = browser.post_with_file(&form, &fields(&page), file).await.expect(503);
    assert_said(&refused, "upload");
    assert_eq!(refused.value(&form, "path"), "reports/new.csv");
    is_broken.store(false, Ordering::Relaxed);
    let stored = browser.post_with_file(&form, &fields(&refused), file).await.expect(200);
    stored.expect_text("Uploaded reports/new.csv, version 1");
}
