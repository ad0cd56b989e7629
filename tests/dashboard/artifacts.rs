//! `/account/organizations/{client_id}/artifacts`

use tests::{PageVisitor, TestApp};

#[tokio::test]
async fn files_are_filtered_by_project_and_kind() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let project = ada.create_project(&client, "Churn").await;
    let file = ada.visitor.upload(&client, Some(&project), "in.csv", b"1").await;
    ada.visitor.upload(&client, None, "own.txt", b"2").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let path = format!("/account/organizations/{client}/artifacts");
    let paths = |page: tests::PageReply| page.texts("tbody td:first-child");
    let all = browser.open(&path).await.expect(200);
    assert_eq!(all.texts("td[data-label=Project]"), ["Organization", "Churn"]);
    assert_eq!(paths(all), ["own.txt", "in.csv"]);
    let own = browser.open(&format!("{path}/{}", file["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(own.texts(".lead a"), ["Churn"]);
    let of_project = browser.open(&format!("{path}?project_id={project}&kind=")).await.expect(200);
    assert_eq!(of_project.attributes("option[selected]", "value"), [project.as_str()]);
    assert_eq!(paths(of_project), ["in.csv"]);
    let reports = browser.open(&format!("{path}?kind=report")).await.expect(200);
    reports.expect_text("No file matches the filter");
    let found = browser.open(&format!("{path}?q=IN.&project_id={project}")).await.expect(200);
    assert_eq!(found.attributes("#q", "value"), ["IN."]);
    assert_eq!(paths(found), ["in.csv"]);
    let none = browser.open(&format!("{path}?q=zzz")).await.expect(200);
    none.expect_text("No file matches the filter");
    browser.open(&format!("{path}?kind=nonsense")).await.expect(400);
}

#[tokio::test]
async fn a_file_is_not_shown_below_another_organization() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let (client, own) = (ada.default_client().await, eve.default_client().await);
    let file = ada.visitor.upload(&client, None, "a.txt", b"1").await;
    let id = file["id"].as_str().unwrap();
    let mut browser = PageVisitor::signed_in(&app, &eve);
    for part in ["", "/download", "/delete"] {
        let foreign = format!("/account/organizations/{client}/artifacts/{id}{part}");
        browser.open(&foreign).await.expect(403).expect_text("No access");
        let disguised = format!("/account/organizations/{own}/artifacts/{id}{part}");
        browser.open(&disguised).await.expect(404).expect_text("Page not found");
    }
}
