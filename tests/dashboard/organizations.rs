//! `/account/organizations`

use serde_json::json;
use tests::invitations::{invitations_path, invite};
use tests::members::create_team;
use tests::organizations::delete_organization;
use tests::{PageVisitor, TestApp};

const PATH: &str = "/account/organizations";
const ACCEPT: &str = "/account/organizations/invitations/accept";
const DECLINE: &str = "/account/organizations/invitations/decline";
const RESTORE: &str = "/account/organizations/restore";

#[tokio::test]
async fn an_organization_is_created() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    let refused = browser.submit(&page, PATH, &[("name", &"x".repeat(101))]).await.expect(400);
    assert_eq!(refused.value(PATH, "name").len(), 101);
    let overview = browser.submit(&refused, PATH, &[("name", "Engines <Ltd>")]).await.expect(200);
    let overview = overview.expect_text("Organization created");
    assert_eq!(overview.texts("h1"), ["Overview"]);
    let list = browser.open(PATH).await.expect(200);
    let rows = list.texts("#list tbody tr");
    assert_eq!(rows.len(), 2);
    assert!(rows[1].starts_with("Engines <Ltd> Owner Free 1 "), "{rows:?}");
    let found = browser.open(&format!("{PATH}?q=ENGINES")).await.expect(200);
    assert_eq!(found.texts("#list tbody tr"), [rows[1].as_str()]);
    let none = browser.open(&format!("{PATH}?q=zzz")).await.expect(200);
    none.expect_text("No organization has “zzz” in its name.");
}

#[tokio::test]
async fn an_invitation_of_the_list_is_accepted() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    invite(&ada, &client, &bob.email).await.expect(200);
    let mut browser = PageVisitor::signed_in(&app, &bob);
    let page = browser.open(PATH).await.expect(200).expect_text("Invitations that wait for you");
    let joined = browser.submit(&page, ACCEPT, &[]).await.expect(200);
    joined.expect_path(&format!("{PATH}/{client}")).expect_text("You joined Acme Corp");
    let again = browser.submit(&page, ACCEPT, &[("idempotency_key", "another")]).await;
    again.expect(409).expect_text("already accepted or declined");
}

#[tokio::test]
async fn an_invitation_of_the_list_is_declined() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let client = create_team(&app, &ada).await;
    invite(&ada, &client, &bob.email).await.expect(200);
    let mut browser = PageVisitor::signed_in(&app, &bob);
    let page = browser.open(PATH).await.expect(200);
    let declined = browser.submit(&page, DECLINE, &[]).await.expect(200);
    let text = declined.expect_text("Invitation declined").text();
    assert!(!text.contains("Acme Corp"), "{text}");
    let listed = ada.get(&invitations_path(&client)).await.json();
    assert_eq!(listed["data"][0]["status"], "declined");
}

#[tokio::test]
async fn nobody_else_answers_a_listed_invitation() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.sign_up("ada").await, app.sign_up("bob").await);
    let eve = app.sign_up("eve").await;
    let client = create_team(&app, &ada).await;
    invite(&ada, &client, &bob.email).await.expect(200);
    invite(&ada, &create_team(&app, &ada).await, &eve.email).await.expect(200);
    let bobs = PageVisitor::signed_in(&app, &bob).open(PATH).await.expect(200);
    let bobs_invitation = bobs.value(ACCEPT, "invitation_id");
    let mut browser = PageVisitor::signed_in(&app, &eve);
    let page = browser.open(PATH).await.expect(200);
    let typed = [("client_id", client.as_str()), ("invitation_id", bobs_invitation.as_str())];
    for action in [ACCEPT, DECLINE] {
        browser.submit(&page, action, &typed).await.expect(404);
    }
    PageVisitor::signed_in(&app, &bob).open(PATH).await.expect_text("Acme Corp");
}

#[tokio::test]
async fn a_deleted_organization_is_restored() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    delete_organization(&ada, &client, "Acme Corp").await.expect(200);
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(PATH).await.expect(200);
    assert_eq!(page.texts("#deleted tbody tr").len(), 1);
    let restored = browser.submit(&page, RESTORE, &[]).await.expect(200);
    restored.expect_path(&format!("{PATH}/{client}")).expect_text("Acme Corp restored");
    assert!(browser.open(PATH).await.texts("#deleted").is_empty());
}

#[tokio::test]
async fn the_first_page_is_of_no_suspended_organization() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (first, other) = (ada.default_client().await, ada.create_client("Other").await);
    let mut browser = PageVisitor::signed_in(&app, &ada);
    for (suspended, shown) in [(&first, &other), (&other, &first)] {
        app.operate_well(json!({"name": "suspend", "id": suspended})).await;
        let page = browser.open("/account").await.expect(200);
        page.expect_path(&format!("{PATH}/{shown}"));
        app.operate_well(json!({"name": "unsuspend", "id": suspended})).await;
    }
    for client in [&first, &other] {
        app.operate_well(json!({"name": "suspend", "id": client})).await;
    }
    browser.open("/account").await.expect(200).expect_path("/account/profile");
}

#[tokio::test]
async fn an_overview_offers_the_first_key() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let path = format!("{PATH}/{client}");
    let page = browser.open(&path).await.expect(200).expect_text("Create your first API key");
    assert_eq!(page.attributes("#first-key a", "href"), [format!("{path}/api-keys#create")]);
    assert_eq!(page.texts(".switcher summary .badge"), ["free"]);
    // One button creates it, and nothing offers to copy a placeholder or shows an empty chart.
    assert_eq!(page.attributes("main a.primary", "href"), [format!("{path}/api-keys#create")]);
    assert_eq!(page.attributes(".page-header a", "href"), Vec::<String>::new());
    assert!(page.texts("[data-copy]").iter().all(|text| text.contains("curl")));
    assert!(page.texts("#daily-usage-title").is_empty());
    assert!(page.text().contains("No credits were used in the last 30 days."));
    assert!(page.texts(".lead")[0].ends_with("· you are the owner"), "{:?}", page.texts(".lead"));
    assert!(page.text().contains("You created the organization “Acme Corp”"), "{}", page.text());
    tests::api_keys::create_key(&ada, &client, "ci").await.expect(200);
    assert!(browser.open(&path).await.texts("#first-key").is_empty());
}

#[tokio::test]
async fn credits_used_today_are_in_the_chart() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    let key = tests::api_keys::create_key(&ada, &client, "ci").await.json();
    let key = app.visitor().with_bearer(key["key"].as_str().unwrap());
    for (number, credits) in [2.5, 1.0].iter().enumerate() {
        let body = serde_json::json!({"credits": credits, "description": "Nightly report"});
        let key = key.clone().with_header("idempotency-key", &format!("k{number}"));
        key.post(&format!("/v1/clients/{client}/usage"), body).await.expect(200);
    }
    let page = PageVisitor::signed_in(&app, &ada).open(&format!("{PATH}/{client}")).await;
    let page = page.expect(200);
    assert_eq!(page.texts("#daily-usage-title"), ["Credits used in the last 30 days"]);
    let days = page.texts("#usage tbody tr td:last-child");
    assert_eq!(days.len(), 30);
    assert_eq!(days[29], "3.5 credits");
    assert!(days[..29].iter().all(|day| day == "0 credits"), "{days:?}");
}

#[tokio::test]
async fn a_foreign_organization_has_no_pages() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up("ada").await, app.sign_up("eve").await);
    let client = ada.create_client("Acme Corp").await;
    let mut browser = PageVisitor::signed_in(&app, &eve);
    for page in ["", "/team", "/api-keys", "/activity", "/settings", "/settings/delete"] {
        let refused = browser.open(&format!("{PATH}/{client}{page}")).await.expect(403);
        assert!(!refused.reply.text.contains("Acme"), "{page}");
        refused.expect_text("No access");
    }
    for page in ["/team/transfer", "/team/members/usr_x/remove", "/api-keys/1/revoke"] {
        let status = browser.open(&format!("{PATH}/{client}{page}")).await.reply.status;
        assert!([403, 404].contains(&status), "{page}: {status}");
    }
    browser.open(&format!("{PATH}/client_unknown")).await.expect(404).expect_text("Page not found");
}
