//! `/account/organizations/{client_id}/usage`

use reqwest::Method;
use tests::{PageVisitor, TestApp};

#[tokio::test]
async fn usage_is_shown_as_meters_chart_and_csv() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    key.spend_credits(&client, "a", "850.5").await.expect(200);
    for name in ["A", "B", "C"] {
        ada.create_project(&client, name).await;
    }
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let path = format!("/account/organizations/{client}/usage");
    let page = browser.open(&path).await.expect(200);
    let page =
        page.expect_text("850.5 of 1,000 credits").expect_text("3 of 3").expect_text("100 % used");
    assert_eq!(page.attributes("svg.bar.full", "aria-label"), ["Projects: 100 %"]);
    // A limit of 1 is reached from the beginning.
    assert_eq!(page.attributes("svg.bar[aria-label^=Members]", "class"), ["bar"]);
    assert_eq!(page.attributes("svg.bar.warm", "aria-label"), ["Credits in this period: 85 %"]);
    assert_eq!(page.texts(".meter strong.warm"), ["getting full"]);
    assert_eq!(page.texts(".meter strong.full"), ["limit reached"]);
    assert_eq!(page.texts("svg.bars .fill title").len(), 30);
    assert_eq!(page.texts("#credits tbody tr:last-child .amount"), ["850.5 credits"]);
    let csv = page.attributes("a[download]", "href").remove(0);
    let csv = browser.send(Method::GET, &csv, None).await.expect(200);
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<_> = csv.text.lines().collect();
    assert_eq!((lines[0], lines.len()), ("day,credits", 31));
    assert!(lines[30].ends_with(",850.5") && lines[29].ends_with(",0"), "{lines:?}");
}

#[tokio::test]
async fn a_day_keeps_its_usage_when_a_period_begins() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = ada.visitor_with_key(&app, &client).await;
    key.spend_credits(&client, "free", "2").await.expect(200);
    ada.subscribe(&app, &client, "basic").await;
    key.spend_credits(&client, "paid", "3").await.expect(200);
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(&format!("/account/organizations/{client}/usage")).await.expect(200);
    assert_eq!(page.texts("#credits tbody tr:last-child .amount"), ["5 credits"]);
    page.expect_text("3 of 5,000 credits");
}

#[tokio::test]
async fn a_stranger_sees_no_usage() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let path = format!("/account/organizations/{}/usage", ada.default_client().await);
    let mut browser = PageVisitor::signed_in(&app, &eve);
    browser.open(&path).await.expect(403).expect_text("No access");
    browser.open(&format!("{path}/daily.csv")).await.expect(403).expect_text("No access");
}
