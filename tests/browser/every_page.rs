//! What holds for every page: no accessibility finding in either color scheme, valid HTML, no need to scroll sideways
//! on a narrow screen.

use serde_json::json;
use tests::all_pages::AllPages;
use tests::page_checks::{assert_accessible, assert_valid_html};
use tests::{Chromium, PageVisitor, TestApp};

/// Width and height of a small phone.
pub(crate) const PHONE: (u32, u32) = (360, 740);

#[tokio::test]
async fn every_page_is_accessible_and_fits_a_phone() {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    let browser = Chromium::open(&app).await;
    for path in pages.signed_out() {
        check(&browser, &path).await;
    }
    browser.sign_in(&pages.owner).await;
    for path in pages.signed_in() {
        check(&browser, &path).await;
    }
    browser.close().await;
}

async fn check(browser: &Chromium, path: &str) {
    browser.goto(path).await;
    assert_eq!(browser.path().await, path);
    assert_accessible(browser).await;
    browser.resize(PHONE.0, PHONE.1).await;
    let width = "return document.documentElement.scrollWidth";
    let width = browser.execute(width, Vec::new()).await;
    assert!(width.as_u64() <= Some(PHONE.0.into()), "{path} is {width} pixels wide");
    assert_accessible(browser).await;
    for width in [PHONE.0, 480, 560, 639] {
        browser.resize(width, PHONE.1).await;
        let scrolls = "return [...document.querySelectorAll('.table-scroll')].filter(box => box.scrollWidth > box.clientWidth).length";
        let scrolling = browser.execute(scrolls, Vec::new()).await;
        assert_eq!(scrolling, 0, "tables of {path} that scroll sideways at {width} pixels");
    }
    browser.resize(1280, 900).await;
}

#[tokio::test]
async fn every_page_is_valid_html_with_one_heading() {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    let mut sources = Vec::new();
    let mut guest = PageVisitor::new(&app);
    for path in pages.signed_out() {
        sources.push((path.clone(), guest.open(&path).await.expect(200)));
    }
    let mut owner = PageVisitor::signed_in(&app, &pages.owner);
    for path in pages.signed_in() {
        sources.push((path.clone(), owner.open(&path).await.expect(200)));
    }
    for (path, page) in &sources {
        assert_eq!(page.texts("h1").len(), 1, "{path}");
        assert_eq!(page.attributes("[style]", "style"), Vec::<String>::new(), "{path}");
        assert_eq!(page.texts("style, script:not([src])"), Vec::<String>::new(), "{path}");
        assert_ne!(page.attributes("html", "lang"), [json!("").to_string()], "{path}");
    }
    let sources: Vec<_> = sources.into_iter().map(|(path, page)| (path, page.reply.text)).collect();
    assert_valid_html(&sources).await;
}
