//! What pages show while DynamoDB fails.

use tests::all_pages::AllPages;
use tests::faults::PERMANENTLY;
use tests::{Fault, FaultProxy, PageVisitor, TestApp};

/// More calls than any page makes.
const MAX_CALLS: usize = 30;

/// Each call of each page fails in turn, and all later ones with it.
#[tokio::test]
async fn no_page_answers_500_when_a_call_fails() {
    let engine = FaultProxy::start().await;
    let app = TestApp::start_on(&engine).await;
    let pages = AllPages::fill(&app).await;
    app.wait_for_worker().await;
    let mut browser = PageVisitor::signed_in(&app, &pages.owner);
    for path in pages.signed_in() {
        browser.open(&path).await.expect(200);
        for calls in 0.. {
            assert!(calls < MAX_CALLS, "{path} makes too many calls");
            engine.inject(Fault::Broken, calls, PERMANENTLY);
            let page = browser.open(&path).await;
            if !engine.clear_fault() {
                break;
            }
            let status = page.reply.status;
            assert!(matches!(status, 200 | 503), "{path} after {calls} calls: {status}");
            let is_said = page.texts("h1, p").iter().any(|text| text.contains("can't be reached"));
            assert!(is_said, "{path} after {calls} calls: {}", page.text());
        }
        browser.open(&path).await.expect(200);
    }
}
