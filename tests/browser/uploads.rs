//! The upload of a file, in Chromium.

use tests::{Chromium, TestApp};

/// A size whose event is above Lambda's limit of 6 MiB, in bytes.
const TOO_LARGE: usize = 5 * 1024 * 1024;

#[tokio::test]
async fn a_file_above_the_gateway_limit_is_refused_in_place() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn analysis").await;
    let path = format!("/account/organizations/{client}/projects/{project}");
    let file = std::env::temp_dir().join(format!("large-{}.bin", std::process::id()));
    std::fs::write(&file, vec![0; TOO_LARGE]).unwrap();
    let browser = Chromium::open(&app).await;
    browser.sign_in(&ada).await;
    browser.goto(&path).await;
    browser.attach("File", &file).await;
    browser.press("Upload file").await;
    browser.expect_text("The upload failed.").await;
    browser.expect_path(&path).await;
    browser.close().await;
    std::fs::remove_file(&file).unwrap();
}
