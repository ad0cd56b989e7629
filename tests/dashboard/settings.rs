//! `/account/organizations/{client_id}/settings`

use serde_json::json;
use tests::{Authenticator, PageVisitor, Team, TestApp};

fn path(client: &str) -> String {
    format!("/account/organizations/{client}/settings")
}

#[tokio::test]
async fn an_organization_is_renamed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    let (mut browser, path) = (PageVisitor::signed_in(&app, &ada), path(&client));
    let form = format!("{path}/name");
    let page = browser.open(&path).await.expect(200);
    let empty = browser.submit(&page, &form, &[("name", " ")]).await.expect(400);
    empty.expect_text("Enter a name.");
    let saved = browser.submit(&page, &form, &[("name", "Engines")]).await.expect(200);
    assert_eq!(saved.expect_text("Name changed").value(&form, "name"), "Engines");
    let late = browser.submit(&page, &form, &[("name", "Looms")]).await.expect(409);
    assert_eq!(late.expect_text("It is “Engines” now").value(&form, "name"), "Looms");
    // A tab that shows the name from before does not bring it back.
    let untouched = browser.submit(&page, &form, &[]).await.expect(200);
    assert_eq!(untouched.value(&form, "name"), "Engines");
}

#[tokio::test]
async fn requiring_two_factors_names_who_is_affected() {
    let app = TestApp::start().await;
    let Team { owner: ada, member: eve, client, .. } = Team::create(&app).await;
    let (mut browser, path) = (PageVisitor::signed_in(&app, &ada), path(&client));
    let form = format!("{path}/two-factor");
    let page = browser.open(&path).await.expect(200);
    let without = browser.submit(&page, &form, &[]).await.expect(403);
    without.expect_text("two-factor");
    Authenticator::enabled(&app, &ada.visitor).await;
    let page = browser.open(&path).await.expect(200);
    let asked = browser.submit(&page, &form, &[]).await.expect(409);
    let asked = asked.expect_text("eve (eve@example.com)");
    let required = browser.submit(&asked, &form, &[]).await.expect(200);
    let required = required.expect_text("Two-factor authentication is required now");
    eve.get(&format!("/v1/clients/{client}")).await.expect_error(403, "TWO_FACTOR_REQUIRED");
    let page = PageVisitor::signed_in(&app, &eve).open(&path).await.expect(403);
    page.expect_text("Two-factor authentication required");
    let ended = browser.submit(&required, &form, &[]).await.expect(200);
    ended.expect_text("Two-factor authentication is no longer required");
}

#[tokio::test]
async fn an_organization_is_deleted_by_its_typed_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    ada.create_project(&client, "Churn analysis").await;
    tests::api_keys::create_key(&ada, &client, "ci").await.expect(200);
    ada.subscribe(&app, &client, "pro").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let form = format!("{}/delete", path(&client));
    let page = browser.open(&form).await.expect(200);
    let lost = page.texts("main li");
    assert!(lost.contains(&"1 project".to_owned()), "{lost:?}");
    assert!(lost.contains(&"1 API key, at once and for good".to_owned()), "{lost:?}");
    assert!(lost.contains(&"The Pro plan ($200.00 a month), at once".to_owned()), "{lost:?}");
    assert!(lost.contains(&"20,000 credits".to_owned()), "{lost:?}");
    let refused = browser.submit(&page, &form, &[("confirm", "Acme")]).await.expect(400);
    assert_eq!(refused.value(&form, "confirm"), "Acme");
    let deleted = browser.submit(&refused, &form, &[("confirm", "Acme Corp")]).await.expect(200);
    let deleted = deleted.expect_path("/account/organizations");
    deleted.expect_text("Organization deleted. You can restore it for 7 days.");
    browser.open(&path(&client)).await.expect(404);
}

#[tokio::test]
async fn a_default_organization_cannot_be_deleted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(&path(&client)).await.expect(200);
    page.expect_text("which cannot be deleted");
    let page = browser.open(&format!("{}/delete", path(&client))).await.expect(200);
    assert!(page.texts("main form").is_empty());
}

#[tokio::test]
async fn members_only_read_the_settings() {
    let app = TestApp::start().await;
    let Team { admin: bob, member: eve, client, .. } = Team::create(&app).await;
    let admins = PageVisitor::signed_in(&app, &bob).open(&path(&client)).await.expect(200);
    assert_eq!((admins.texts("main form").len(), admins.texts("#delete").len()), (2, 0));
    let mut browser = PageVisitor::signed_in(&app, &eve);
    let members = browser.open(&path(&client)).await.expect(200);
    assert_eq!((members.texts("main form").len(), members.texts("#delete").len()), (0, 0));
    browser.open(&format!("{}/delete", path(&client))).await.expect(403);
    let name = json!({"name": "Eve Ltd"});
    eve.patch(&format!("/v1/clients/{client}"), name).await.expect_error(403, "NO_ACCESS");
}
