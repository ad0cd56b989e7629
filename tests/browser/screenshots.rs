//! Takes the screenshots of `tests/screenshots`: every page of the dashboard, in light and dark.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

use std::path::Path;

use tests::all_pages::{AllPages, Page};
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
    for (person, listed) in pages.by_person() {
        if let Some(person) = person {
            pages.sign_in(&app, &browser, person).await;
        }
        for page in listed {
            photograph(&browser, &page).await;
        }
    }
    browser.close().await;
}

async fn photograph(browser: &Chromium, page: &Page) {
    browser.resize(WIDTH, HEIGHTS.0).await;
    page.show(browser).await;
    let height = "return document.documentElement.scrollHeight";
    let height = browser.execute(height, Vec::new()).await.as_u64().unwrap();
    let height = u32::try_from(height).unwrap().clamp(HEIGHTS.0, HEIGHTS.1);
    browser.resize(WIDTH, height).await;
    for (scheme, name) in [(ColorScheme::Light, "light"), (ColorScheme::Dark, "dark")] {
        browser.prefer(scheme).await;
        let file = format!("{}-{name}.png", picture_name(&page.pattern));
        let file = Path::new(&service_url("SCREENSHOTS_DIR")).join(file);
        std::fs::write(file, browser.screenshot().await).unwrap();
    }
}

/// Returns the name of the picture of a page without ids and values, such as `organization-team-members-remove`.
fn picture_name(pattern: &str) -> String {
    const ORGANIZATION: &str = "/account/organizations/{client_id}";
    const PROJECT: &str = "/account/organizations/{client_id}/projects/{project_id}";
    const ARTIFACT: &str = "/account/organizations/{client_id}/artifacts/{artifact_id}";
    let named = pattern
        .replace(PROJECT, "/project")
        .replace(ARTIFACT, "/artifact")
        .replace(ORGANIZATION, "/organization")
        .replace("/cards/{payment_method_id}/remove", "/remove-card");
    // A query is shown by the name of its parameter.
    let named = named.split('=').next().unwrap_or_default();
    let named = named.strip_prefix("/account").unwrap_or(named);
    let parts = named.split(['/', '?']).filter(|part| !part.is_empty() && !part.starts_with('{'));
    parts.collect::<Vec<_>>().join("-")
}
