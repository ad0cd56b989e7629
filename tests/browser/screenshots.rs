//! Takes the screenshots of `tests/screenshots`: every page of the dashboard, in light and dark.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

use std::path::Path;

use tests::all_pages::AllPages;
use tests::{Chromium, ColorScheme, TestApp, service_url};

/// The width of the pictures in pixels.
const WIDTH: u32 = 1000;

/// The smallest and the greatest height. A longer page is cut.
const HEIGHTS: (u32, u32) = (640, 1100);

#[tokio::test]
async fn every_page_is_photographed() {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    let browser = Chromium::open(&app).await;
    for path in pages.signed_out() {
        photograph(&browser, &pages, &path).await;
    }
    browser.sign_in(&pages.owner).await;
    for path in pages.signed_in() {
        photograph(&browser, &pages, &path).await;
    }
    browser.close().await;
}

async fn photograph(browser: &Chromium, pages: &AllPages, path: &str) {
    browser.resize(WIDTH, HEIGHTS.0).await;
    browser.goto(path).await;
    let height = "return document.documentElement.scrollHeight";
    let height = browser.execute(height, Vec::new()).await.as_u64().unwrap();
    let height = u32::try_from(height).unwrap().clamp(HEIGHTS.0, HEIGHTS.1);
    browser.resize(WIDTH, height).await;
    for (scheme, name) in [(ColorScheme::Light, "light"), (ColorScheme::Dark, "dark")] {
        browser.prefer(scheme).await;
        let file = format!("{}-{name}.png", page_name(pages, path));
        let file = Path::new(&service_url("SCREENSHOTS_DIR")).join(file);
        std::fs::write(file, browser.screenshot().await).unwrap();
    }
}

/// Returns a name for the picture of a page, without ids and values.
fn page_name(pages: &AllPages, path: &str) -> String {
    const ORGANIZATION: &str = "/account/organizations/{client_id}";
    let project = format!("{ORGANIZATION}/projects/{{project_id}}");
    let pattern = pages.pattern(path);
    let named = pattern.replace(&project, "project").replace(ORGANIZATION, "organization");
    let named = named.replace("/cards/{payment_method_id}/remove", "/remove-card");
    // A query is shown by the name of its parameter.
    let named = named.split('=').next().unwrap_or_default();
    named.trim_start_matches("/account/").replace(['/', '?'], "-")
}
