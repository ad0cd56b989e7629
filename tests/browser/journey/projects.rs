//! Projects and their files.

use super::Traveler;

const CONTENT: &str = "month,churn\n2026-10,0.021\n";

/// Creates a project, uploads and saves a file, forks the project, and deletes the fork.
pub(super) async fn keep_files(person: &Traveler<'_>) {
    let browser = person.browser;
    browser.open_organization_page("Projects").await;
    browser.fill("Name", "Churn analysis").await;
    browser.fill("Description", "Why customers leave").await;
    browser.press("Create project").await;
    browser.expect_text("Project created").await;
    upload(person).await;
    browser.expect_text("Uploaded reports/churn.csv, version 1").await;
    browser.follow("Download reports/churn.csv, version 1").await;
    assert_eq!(browser.saved_file().await, CONTENT.as_bytes());
    browser.press("Fork project").await;
    browser.expect_text("Forked as ").await;
    let fork = browser.read_css("h1").await;
    let files = "the files of the fork";
    browser.reload_until(files, async |page| page.text().await.contains("reports/churn.csv")).await;
    browser.follow("Delete project").await;
    browser.press(&format!("Delete {fork}")).await;
    browser.expect_text("Project deleted").await;
    let left = browser.text().await;
    assert!(left.contains("Churn analysis") && !left.contains(&fork), "{left}");
}

async fn upload(person: &Traveler<'_>) {
    let file = std::env::temp_dir().join(format!("churn-{}.csv", std::process::id()));
    std::fs::write(&file, CONTENT).unwrap();
    person.browser.attach("File", &file).await;
    person.browser.fill("Path", "reports/churn.csv").await;
    person.browser.choose("Kind", "Report").await;
    person.browser.press("Upload file").await;
    person.browser.expect_text("Uploaded").await;
    std::fs::remove_file(&file).unwrap();
}
