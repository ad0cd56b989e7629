//! The title, the heading and the URL of each page.

use std::collections::BTreeMap;

use tests::all_pages::{API_REFERENCE, AllPages};
use tests::{Person, TestApp};

/// The title of the API reference, which is no page of an account.
const TITLE_OF_API_REFERENCE: &str = "AIUS account service: API";

/// Reads the names of a person's organizations by their ids.
async fn organization_names(owner: &Person) -> BTreeMap<String, String> {
    let list = owner.get("/v1/clients").await.expect(200).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let listed = list["data"].as_array().unwrap().iter();
    listed.map(|entry| (text(&entry["id"]), text(&entry["name"]))).collect()
}

#[tokio::test]
async fn each_page_has_one_heading_and_names_its_organization() {
    let app = TestApp::start().await;
    let pages = AllPages::fill(&app).await;
    let names = organization_names(&pages.owner).await;
    for (page, shown) in pages.open_all(&app).await {
        let pattern = &page.pattern;
        let headings = shown.texts("h1");
        assert_eq!(headings.len(), 1, "{pattern}: {headings:?}");
        assert!(!shown.texts("p.below").contains(&String::new()), "{pattern}: nothing below");
        let titles = shown.texts("head > title");
        assert_eq!(titles.len(), 1, "{pattern}: {titles:?}");
        let title = titles[0].as_str();
        if page.is_of_organization() {
            // `/account/organizations/{client_id}/…`
            let name = page.path.split('/').nth(3).and_then(|id| names.get(id));
            let name = name.unwrap_or_else(|| panic!("{} names no organization", page.path));
            assert_eq!(title, format!("{} · {name} · AIUS", headings[0]), "{pattern}");
        } else if pattern == API_REFERENCE {
            assert_eq!(title, TITLE_OF_API_REFERENCE);
        } else {
            let own = title.strip_suffix(" · AIUS");
            let own = own.unwrap_or_else(|| panic!("{pattern}: {title}"));
            assert!(!own.is_empty() && !own.contains(" · "), "{pattern}: {title}");
        }
    }
}
