//! `/account/organizations/{client_id}/api-keys` and `/account/api-keys`

use serde_json::json;
use tests::api_keys::{check_key, create_key, list_keys};
use tests::{PageVisitor, Team, TestApp};

fn path(client: &str) -> String {
    format!("/account/organizations/{client}/api-keys")
}

#[tokio::test]
async fn a_key_is_created_and_shown_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    let (mut browser, path) = (PageVisitor::signed_in(&app, &ada), path(&client));
    let page = browser.open(&path).await.expect(200).expect_text("There is no API key yet");
    let typed = [("name", "ci"), ("scopes", "runs:write"), ("allowed_ips", "nowhere")];
    let refused = browser.submit(&page, &path, &typed).await.expect(400);
    assert_eq!(refused.value(&path, "name"), "ci");
    assert_eq!(refused.value(&path, "scopes"), "runs:write");
    let typed = [("allowed_ips", "127.0.0.0/8, ::1"), ("expires_in_days", "30")];
    let made = browser.submit(&refused, &path, &typed).await.expect(200);
    let value = made.texts("#value").remove(0);
    assert_eq!(made.texts("#export"), [format!("export AIUS_API_KEY={value}")]);
    let quick_start = format!("/account/organizations/{client}#quick-start");
    assert_eq!(made.attributes("#created a", "href"), [quick_start.as_str(), path.as_str()]);
    assert_eq!(check_key(&app, &value).await, 200);
    let key = list_keys(&ada, &client).await.remove(0);
    assert_eq!(key["scopes"], json!(["runs:write"]));
    assert_eq!(key["allowed_ips"], json!(["127.0.0.0/8", "::1"]));
    assert_eq!(key["expires_at"].as_i64().unwrap() - app.now().await, 30 * 24 * 60 * 60);
    let list = browser.open(&path).await.expect(200);
    assert!(!list.reply.text.contains(&value));
    let row = list.texts("#list tbody tr").remove(0);
    assert!(row.contains("runs:write") && row.contains("only from 127.0.0.0/8, ::1"), "{row}");
}

#[tokio::test]
async fn a_repeated_submission_makes_one_key() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    let (mut browser, path) = (PageVisitor::signed_in(&app, &ada), path(&client));
    let page = browser.open(&path).await.expect(200);
    let first = browser.submit(&page, &path, &[("name", "ci")]).await.expect(200);
    let second = browser.submit(&page, &path, &[("name", "ci")]).await.expect(200);
    assert_eq!(first.texts("#value"), second.texts("#value"));
    assert_eq!(list_keys(&ada, &client).await.len(), 1);
}

#[tokio::test]
async fn a_key_is_rotated_with_a_grace_period() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    let old = create_key(&ada, &client, "ci").await.json()["key"].as_str().unwrap().to_owned();
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let rotate = format!("{}/1/rotate", path(&client));
    let page = browser.open(&rotate).await.expect(200);
    // Programs go on unless a person chooses otherwise.
    assert_eq!(page.value(&rotate, "grace_seconds"), "86400");
    browser.submit(&page, &rotate, &[("grace_seconds", "604801")]).await.expect(400);
    let rotated = browser.submit(&page, &rotate, &[("grace_seconds", "3600")]).await.expect(200);
    let new = rotated.texts("#value").remove(0);
    assert_ne!(old, new);
    rotated.expect_text("The previous value");
    for key in [&old, &new] {
        assert_eq!(check_key(&app, key).await, 200);
    }
    app.advance_clock(3601).await;
    assert_eq!((check_key(&app, &old).await, check_key(&app, &new).await), (401, 200));
}

#[tokio::test]
async fn a_key_is_revoked_after_a_confirmation() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    let key = create_key(&ada, &client, "ci").await.json()["key"].as_str().unwrap().to_owned();
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let revoke = format!("{}/1/revoke", path(&client));
    let page = browser.open(&revoke).await.expect(200).expect_text("Revokes the API key ci");
    let revoked = browser.submit(&page, &revoke, &[]).await.expect(200);
    let revoked = revoked.expect_path(&path(&client)).expect_text("API key revoked");
    assert!(revoked.texts("#list tbody tr")[0].contains("revoked"));
    assert_eq!(check_key(&app, &key).await, 401);
    browser.open(&revoke).await.expect(404);
}

#[tokio::test]
async fn only_owner_and_admins_see_keys() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, client, .. } = Team::create(&app).await;
    create_key(&ada, &client, "ci").await.expect(200);
    let admins = PageVisitor::signed_in(&app, &bob).open(&path(&client)).await.expect(200);
    assert_eq!(admins.texts("#list tbody tr").len(), 1);
    let mut browser = PageVisitor::signed_in(&app, &eve);
    let members = browser.open(&path(&client)).await.expect(200);
    members.expect_text("Your role does not show API keys");
    browser.open(&format!("{}/1/revoke", path(&client))).await.expect(403);
}

#[tokio::test]
async fn keys_of_all_organizations_are_listed() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let empty = browser.open("/account/api-keys").await.expect(200);
    empty.expect_text("None of your organizations has an API key yet");
    for name in ["Acme Corp", "Engines"] {
        let client = ada.create_client(name).await;
        create_key(&ada, &client, "ci").await.expect(200);
    }
    let page = browser.open("/account/api-keys").await.expect(200);
    let rows = page.texts("#list tbody tr");
    assert_eq!(rows.len(), 2);
    for name in ["Acme Corp", "Engines"] {
        assert!(rows.iter().any(|row| row.starts_with(name)), "{rows:?}");
    }
    let found = browser.open("/account/api-keys?q=engine").await.expect(200);
    assert_eq!(found.texts("#list td[data-label=Organization]"), ["Engines"]);
    let none = browser.open("/account/api-keys?q=zzz").await.expect(200);
    none.expect_text("No API key has “zzz” in its organization, name or value.");
}

#[tokio::test]
async fn keys_of_an_organization_are_searched() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    for name in ["ci", "production"] {
        create_key(&ada, &client, name).await.expect(200);
    }
    let (mut browser, path) = (PageVisitor::signed_in(&app, &ada), path(&client));
    let found = browser.open(&format!("{path}?q=PROD")).await.expect(200);
    assert_eq!(found.texts("#list tbody tr").len(), 1);
    assert!(found.texts("#list tbody tr")[0].starts_with("production"));
    let none = browser.open(&format!("{path}?q=zzz")).await.expect(200);
    none.expect_text("No API key has “zzz” in its name or value.");
}
