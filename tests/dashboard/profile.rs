//! `/account/profile`

use serde_json::json;
use tests::{PASSWORD, PageVisitor, TestApp};

const PATH: &str = "/account/profile";
const NAME_FORM: &str = "/account/profile/name";
const CANCEL_FORM: &str = "/account/profile/email/cancel";
const DETAILS_FORM: &str = "/account/profile/details";

#[tokio::test]
async fn details_are_saved_and_cleared() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    let typed =
        [("phone", "+1 415 555 0123"), ("timezone", "europe/london"), ("company", "Engines")];
    let saved = browser.submit(&page, DETAILS_FORM, &typed).await.expect(200);
    let saved = saved.expect_text("Details changed");
    let user = ada.get("/v1/me").await.json()["user"].clone();
    assert_eq!(
        (&user["phone"], &user["timezone"], &user["company"], &user["job_title"]),
        (&json!("+14155550123"), &json!("Europe/London"), &json!("Engines"), &json!(null))
    );
    browser.submit(&saved, DETAILS_FORM, &[("phone", ""), ("company", " ")]).await.expect(200);
    let user = ada.get("/v1/me").await.json()["user"].clone();
    assert_eq!((&user["phone"], &user["company"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn an_error_stands_beside_its_field_and_keeps_the_rest() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    let typed = [("phone", "12"), ("company", "Engines <Ltd>")];
    let refused = browser.submit(&page, DETAILS_FORM, &typed).await.expect(400);
    assert_eq!(refused.value(DETAILS_FORM, "company"), "Engines <Ltd>");
    assert_eq!(refused.value(DETAILS_FORM, "phone"), "12");
    let id = refused.attributes("input[name=phone]", "aria-describedby").remove(0);
    assert_eq!(
        refused.texts(&format!("[id='{id}']")),
        ["⚠ Enter the number with its country code, such as +14155550123."]
    );
    assert_eq!(
        refused.texts("[role=alert] a"),
        ["Enter the number with its country code, such as +14155550123."]
    );
}

#[tokio::test]
async fn a_change_in_another_tab_is_shown() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    browser.submit(&page, NAME_FORM, &[("name", "Ada King")]).await.expect(200);
    let late = browser.submit(&page, NAME_FORM, &[("name", "Countess")]).await.expect(409);
    let late = late.expect_text("It is “Ada King” now, and you typed “Countess”");
    let saved = browser.submit(&late, NAME_FORM, &[]).await.expect(200);
    assert_eq!(saved.value(NAME_FORM, "name"), "Countess");
}

#[tokio::test]
async fn tabs_that_change_different_details_undo_nothing() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    browser.submit(&page, DETAILS_FORM, &[("company", "Engines")]).await.expect(200);
    // The second tab still shows no company. Its refused form shows the present one.
    let refused = browser.submit(&page, DETAILS_FORM, &[("phone", "12")]).await.expect(400);
    assert_eq!(refused.value(DETAILS_FORM, "company"), "Engines");
    let typed = [("job_title", "Analyst"), ("phone", "")];
    browser.submit(&page, DETAILS_FORM, &typed).await.expect(200);
    let user = ada.get("/v1/me").await.json()["user"].clone();
    assert_eq!((&user["company"], &user["job_title"]), (&json!("Engines"), &json!("Analyst")));
}

#[tokio::test]
async fn a_change_of_address_is_canceled() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let change = json!({"new_email": "ada@example.org", "password": PASSWORD});
    ada.post("/v1/me/email", change).await.expect(200);
    let code = app.code("ada@example.org").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200).expect_text("waits for the code");
    let page = browser.submit(&page, CANCEL_FORM, &[]).await.expect(200);
    let page = page.expect_text("Email change canceled").expect_text("ada@example.com");
    assert!(!page.text().contains("ada@example.org"));
    let confirm = json!({"code": code});
    ada.post("/v1/me/email/confirm", confirm).await.expect_error(400, "INVALID_CODE");
}
