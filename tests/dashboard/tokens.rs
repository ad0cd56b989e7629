//! `/account/tokens`

use serde_json::json;
use tests::tokens::{create_token, list_tokens};
use tests::{PageReply, PageVisitor, TestApp};

const PATH: &str = "/account/tokens";

#[tokio::test]
async fn a_token_is_created_and_shown_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200).expect_text("You have no personal token yet");
    let typed = [("token_name", " "), ("client_id", client.as_str()), ("access", "read")];
    let refused = browser.submit(&page, PATH, &typed).await.expect(400);
    refused.clone().expect_text("Enter a name for the token.");
    assert_eq!(refused.value(PATH, "client_id"), client);
    let typed = [("token_name", "laptop"), ("expires_in_days", "365")];
    let made = browser.submit(&refused, PATH, &typed).await.expect(200);
    let value = made.texts("#value").remove(0);
    assert_eq!(made.texts("#export"), [format!("export AIUS_TOKEN={value}")]);
    let whoami = app.visitor().with_bearer(&value).get("/v1/token").await.expect(200).json();
    let read = ["clients:read", "projects:read", "artifacts:read", "billing:read", "activity:read"];
    assert_eq!(whoami["scopes"], json!(read));
    let row = browser.open(PATH).await.expect(200).texts("#list tbody tr").remove(0);
    assert!(row.contains("Acme Corp") && !row.contains(&value), "{row}");
}

#[tokio::test]
async fn a_token_without_expiry_has_all_scopes() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    // The line of the empty list can be copied, and each scope says what it allows.
    assert_eq!(page.attributes(".empty [data-copy]", "data-copy"), ["empty-command"]);
    assert!(page.texts("#empty-command")[0].starts_with("curl "));
    let scopes = page.texts("#create fieldset .tick");
    assert_eq!(
        scopes[0],
        "clients:read – read your organizations, their members, invitations and usage"
    );
    assert_eq!(scopes.len(), 10);
    let typed = [("token_name", "laptop"), ("expires_in_days", "")];
    browser.submit(&page, PATH, &typed).await.expect(200);
    let token = list_tokens(&ada).await.remove(0);
    assert_eq!(token["expires_at"], json!(null));
    let row = browser.open(PATH).await.expect(200).texts("#list tbody tr").remove(0);
    assert!(row.contains("All your organizations") && row.contains("Everything"), "{row}");
}

#[tokio::test]
async fn a_token_is_revoked_after_a_confirmation() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    create_token(&ada, json!({"token_name": "laptop"})).await.expect(200);
    let revoke = format!("{PATH}/1/revoke");
    PageVisitor::signed_in(&app, &eve).open(&revoke).await.expect(404);
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(&revoke).await.expect(200).expect_text("It was never used.");
    let revoked = browser.submit(&page, &revoke, &[]).await.expect(200);
    revoked.expect_path(PATH).expect_text("Token revoked");
    assert!(list_tokens(&ada).await[0]["revoked_at"].is_i64());
    browser.open(&revoke).await.expect(404);
}

#[tokio::test]
async fn tokens_are_searched() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for name in ["laptop", "build server"] {
        create_token(&ada, json!({"token_name": name})).await.expect(200);
    }
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let names = |page: &PageReply| page.texts("#list td[data-label=Name]").len();
    // A short list has no search field.
    let all = browser.open(PATH).await.expect(200);
    assert_eq!((names(&all), all.texts("[role=search]").len()), (2, 0));
    let found = browser.open(&format!("{PATH}?q=LAP")).await.expect(200);
    assert_eq!((names(&found), found.attributes("#q", "value")), (1, vec!["LAP".to_owned()]));
    assert!(found.texts("#list tbody tr")[0].starts_with("laptop"));
    let none = browser.open(&format!("{PATH}?q=zzz")).await.expect(200);
    none.clone().expect_text("No token has “zzz” in its name or value.");
    // The form for a new token is not that of the search.
    assert_eq!(none.value(PATH, "token_name"), "");
}

#[tokio::test]
async fn the_pages_of_a_long_list_are_linked_both_ways() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    for number in 0..=100 {
        create_token(&ada, json!({"token_name": format!("token {number}")})).await.expect(200);
    }
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let first = browser.open(PATH).await.expect(200);
    assert_eq!(first.texts(".pager a"), ["Next"]);
    assert_eq!(first.texts("[role=search] button"), ["Search"]);
    let second = browser.open(&first.attributes(".pager a", "href")[0]).await.expect(200);
    assert_eq!(second.texts(".pager a"), ["Previous", "Next"]);
    let third = browser.open(&second.attributes(".pager a", "href")[1]).await.expect(200);
    assert_eq!(third.texts(".pager a"), ["Previous"]);
    assert!(third.texts("#list tbody tr")[0].starts_with("token 100"));
    let back = browser.open(&third.attributes(".pager a", "href")[0]).await.expect(200);
    assert_eq!(back.texts("#list tbody tr"), second.texts("#list tbody tr"));
    let start = browser.open(&back.attributes(".pager a", "href")[0]).await.expect(200);
    assert_eq!(start.path, PATH);
    // A search goes through more than one page of the list.
    let found = browser.open(&format!("{PATH}?q=token+100")).await.expect(200);
    assert_eq!(found.texts("#list tbody tr").len(), 1);
}
