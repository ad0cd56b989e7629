//! What holds for every page, and for the answers to forms: no accessibility finding in either color scheme, valid
//! HTML, no need to scroll sideways on a narrow screen.

use tests::all_pages::{API_REFERENCE, AllPages, Page};
use tests::form_answers::PROOF_PROMPT;
use tests::page_checks::{assert_accessible, assert_valid_html};
use tests::{Chromium, TestApp};

/// Width and height of a small phone.
pub(crate) const PHONE: (u32, u32) = (360, 740);

#[tokio::test]
async fn pages_of_the_account_are_accessible_and_fit_a_phone() {
    check_pages(|page| !page.is_of_organization()).await;
}

#[tokio::test]
async fn organization_pages_are_accessible_and_fit_a_phone() {
    check_pages(Page::is_of_organization).await;
}

#[tokio::test]
async fn answers_to_forms_are_accessible_and_fit_a_phone() {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    let browser = Chromium::open(&app).await;
    for (person, forms) in pages.answers() {
        if let Some(person) = person {
            pages.sign_in(&app, &browser, person).await;
        }
        for form in forms {
            form.submit_in(&pages, &browser).await;
            check(&browser, form.action).await;
        }
    }
    app.expire_proof().await;
    PROOF_PROMPT.submit_in(&pages, &browser).await;
    check(&browser, PROOF_PROMPT.action).await;
    browser.close().await;
}

async fn check_pages(is_wanted: impl Fn(&Page) -> bool) {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    let browser = Chromium::open(&app).await;
    for (person, mut listed) in pages.by_person() {
        listed.retain(&is_wanted);
        if let Some(person) = person.filter(|_| !listed.is_empty()) {
            pages.sign_in(&app, &browser, person).await;
        }
        for page in listed {
            page.show(&browser).await;
            assert_eq!(browser.path().await, page.path);
            check(&browser, &page.path).await;
        }
    }
    browser.close().await;
}

async fn check(browser: &Chromium, path: &str) {
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
async fn every_page_is_valid_html_without_inline_code() {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    let mut sources = Vec::new();
    for (Page { path, .. }, page) in pages.open_all(&app).await {
        assert_eq!(page.attributes("html", "lang"), ["en"], "{path}");
        assert_eq!(page.attributes("[style]", "style"), Vec::<String>::new(), "{path}");
        // The policy of the API reference allows a style and a script of its own.
        if path != API_REFERENCE {
            assert_eq!(page.texts("style, script:not([src])"), Vec::<String>::new(), "{path}");
        }
        sources.push((path, page.reply.text));
    }
    assert_valid_html(&sources).await;
}
