//! `/account/organizations/{client_id}/team`

use tests::invitations::{invite, list_statuses};
use tests::members::transfer_ownership;
use tests::{PASSWORD, PageVisitor, Team, TestApp};

fn path(client: &str) -> String {
    format!("/account/organizations/{client}/team")
}

#[tokio::test]
async fn members_are_shown_with_their_factors() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, client, .. } = Team::create(&app).await;
    let page = PageVisitor::signed_in(&app, &ada).open(&path(&client)).await.expect(200);
    let rows = page.texts("#members tbody tr");
    assert_eq!(rows.len(), 3);
    let own = rows.iter().find(|row| row.starts_with("ada you")).unwrap();
    assert!(own.contains("Owner") && own.contains("off"), "{own}");
    assert!(page.texts("#leave").is_empty());
    let admins = PageVisitor::signed_in(&app, &bob).open(&path(&client)).await.expect(200);
    assert_eq!((admins.texts("#invite").len(), admins.texts("#transfer").len()), (1, 0));
    let members = PageVisitor::signed_in(&app, &eve).open(&path(&client)).await.expect(200);
    assert_eq!((members.texts("#invite").len(), members.texts("#pending").len()), (0, 0));
    assert_eq!((members.texts("#members form").len(), members.texts("#leave").len()), (0, 1));
}

#[tokio::test]
async fn members_are_searched_by_name_and_address() {
    let app = TestApp::start().await;
    let Team { owner: ada, client, .. } = Team::create(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let found = browser.open(&format!("{}?q=EVE@", path(&client))).await.expect(200);
    assert_eq!(found.texts("#members tbody tr").len(), 1);
    let none = browser.open(&format!("{}?q=zzz", path(&client))).await.expect(200);
    let none = none.expect_text("No member has “zzz” in its name or email.");
    // What depends on all members stays.
    assert_eq!((none.texts("#transfer").len(), none.texts("#invite form").len()), (1, 1));
}

#[tokio::test]
async fn a_person_is_invited_again_and_revoked() {
    let app = TestApp::start().await;
    let Team { owner: ada, client, .. } = Team::create(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let (path, form) = (path(&client), format!("{}/invite", path(&client)));
    let page = browser.open(&path).await.expect(200);
    let typed = [("email", "grace@"), ("role", "viewer")];
    let offered = format!("form[action='{form}'] option");
    assert_eq!(page.texts(&offered)[2].split(',').next(), Some("Viewer: reads projects"));
    let refused = browser.submit(&page, &form, &typed).await.expect(400);
    assert_eq!(
        (refused.value(&form, "email"), refused.value(&form, "role")),
        ("grace@".into(), "viewer".into())
    );
    let sent = browser.submit(&refused, &form, &[("email", "grace@example.com")]).await.expect(200);
    let sent = sent.expect_text("Invitation sent to grace@example.com");
    let resend = sent.attributes("#pending form", "action").remove(0);
    let again = browser.submit(&sent, &resend, &[]).await.expect(200);
    let again = again.expect_text("Invitation sent again to grace@example.com");
    assert_eq!(app.mails("grace@example.com").await.len(), 2);
    let revoke = again.attributes("#pending a", "href").remove(0);
    let confirm = browser.open(&revoke).await.expect(200).expect_text("grace@example.com");
    let revoked = browser.submit(&confirm, &revoke, &[]).await.expect(200);
    revoked.expect_text("Invitation revoked").expect_text("Nobody is invited at the moment");
    assert_eq!(list_statuses(&ada, &client, "").await, ["revoked"]);
    browser.open(&revoke).await.expect(404);
}

#[tokio::test]
async fn a_seat_that_the_plan_lacks_is_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.create_client("Acme Corp").await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(&path(&client)).await.expect(200);
    let page = page.expect_text("The Free plan has 1 member.");
    let billing = format!("/account/organizations/{client}/billing#plan");
    assert_eq!(page.attributes("#invite a", "href"), [billing.as_str()]);
    // Nobody is left to transfer the organization to.
    assert_eq!((page.texts("#invite form").len(), page.texts("#transfer").len()), (0, 0));
    // The page was opened before the plan changed.
    app.set_plan(&client, "basic").await;
    let page = browser.open(&path(&client)).await.expect(200);
    app.set_plan(&client, "free").await;
    let form = format!("{}/invite", path(&client));
    let refused = browser.submit(&page, &form, &[("email", "grace@example.com")]).await.expect(402);
    let refused = refused.expect_text("The Free plan has a limit of 1 for members");
    assert_eq!(refused.attributes("#invite [role=alert] a", "href"), [billing]);
}

#[tokio::test]
async fn a_role_is_changed() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, client, .. } = Team::create(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &bob);
    let page = browser.open(&path(&client)).await.expect(200);
    let form = format!("{}/members/{}/role", path(&client), eve.id().await);
    assert_eq!(page.value(&form, "role"), "member");
    let changed = browser.submit(&page, &form, &[("role", "viewer")]).await.expect(200);
    assert_eq!(changed.expect_text("eve has the role Viewer now").value(&form, "role"), "viewer");
    let refused = browser.submit(&page, &form, &[("role", "owner")]).await.expect(400);
    refused.expect_text("Choose admin, member or viewer.");
    let owner = format!("{}/members/{}/role", path(&client), ada.id().await);
    assert!(!page.attributes("form", "action").contains(&owner));
}

#[tokio::test]
async fn a_member_is_removed_after_a_confirmation() {
    let app = TestApp::start().await;
    let Team { owner: ada, member: eve, client, .. } = Team::create(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let confirm = format!("{}/members/{}/remove", path(&client), eve.id().await);
    let page = browser.open(&confirm).await.expect(200).expect_text("eve (eve@example.com)");
    let removed = browser.submit(&page, &confirm, &[]).await.expect(200);
    removed.expect_path(&path(&client)).expect_text("Member removed");
    eve.get(&format!("/v1/clients/{client}")).await.expect_error(403, "NO_ACCESS");
    browser.open(&confirm).await.expect(404);
}

#[tokio::test]
async fn a_member_leaves() {
    let app = TestApp::start().await;
    let Team { member: eve, client, .. } = Team::create(&app).await;
    let leave = format!("{}/leave", path(&client));
    let mut browser = PageVisitor::signed_in(&app, &eve);
    let page = browser.open(&leave).await.expect(200).expect_text("You leave Acme Corp");
    let left = browser.submit(&page, &leave, &[]).await.expect(200);
    left.expect_path("/account/organizations").expect_text("You left the organization");
}

#[tokio::test]
async fn an_owner_is_told_to_transfer_before_leaving() {
    let app = TestApp::start().await;
    let Team { owner: ada, member: eve, client, .. } = Team::create(&app).await;
    let leave = format!("{}/leave", path(&client));
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(&leave).await.expect(200).expect_text("transfer the ownership");
    assert!(page.texts("main form").is_empty());
    let links = [path(&client), format!("{}/transfer", path(&client))];
    assert_eq!(page.attributes("#owner a", "href"), links);
    // A member opened the page, and became the owner before leaving.
    let mut other = PageVisitor::signed_in(&app, &eve);
    let page = other.open(&leave).await.expect(200);
    transfer_ownership(&ada, &client, &eve).await.expect(200);
    let refused = other.submit(&page, &leave, &[]).await.expect(409);
    refused.expect_text("An owner cannot leave");
}

#[tokio::test]
async fn ownership_is_transferred_with_the_password() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, client, .. } = Team::create(&app).await;
    let transfer = format!("{}/transfer", path(&client));
    PageVisitor::signed_in(&app, &bob).open(&transfer).await.expect(403);
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let page = browser.open(&transfer).await.expect(200);
    let bobs = bob.id().await.to_string();
    let typed = [("user_id", bobs.as_str()), ("password", "wrong-horse-9")];
    let refused = browser.submit(&page, &transfer, &typed).await.expect(401);
    assert_eq!(refused.value(&transfer, "user_id"), bobs);
    assert_eq!(refused.value(&transfer, "password"), "");
    let done = browser.submit(&refused, &transfer, &[("password", PASSWORD)]).await.expect(200);
    done.expect_path(&path(&client)).expect_text("bob@example.com is the owner now");
    let view = bob.get(&format!("/v1/clients/{client}")).await.json();
    assert_eq!(view["role"], "owner");
}

#[tokio::test]
async fn an_old_proof_of_identity_is_renewed_in_place() {
    let app = TestApp::start().await;
    let Team { owner: ada, client, .. } = Team::create(&app).await;
    let mut browser = PageVisitor::signed_in(&app, &ada);
    let (path, form) = (path(&client), format!("{}/invite", path(&client)));
    app.expire_proof().await;
    let page = browser.open(&path).await.expect(200);
    let prompt = browser.submit(&page, &form, &[("email", "grace@example.com")]).await.expect(401);
    let prompt = prompt.expect_text("Confirm it is you");
    let sent = browser.submit(&prompt, &form, &[("reauth_password", PASSWORD)]).await.expect(200);
    sent.expect_text("Invitation sent to grace@example.com");
}

#[tokio::test]
async fn an_expired_invitation_is_shown_as_expired() {
    let app = TestApp::start().await;
    let Team { owner: ada, client, .. } = Team::create(&app).await;
    invite(&ada, &client, "grace@example.com").await.expect(200);
    app.advance_clock_only(8 * 24 * 60 * 60).await;
    let ada = ada.sign_in(&app).await;
    let page = PageVisitor::signed_in(&app, &ada).open(&path(&client)).await.expect(200);
    let rows = page.texts("#pending tbody tr");
    assert!(rows[0].contains("expired") && !rows[0].contains("Revoke"), "{rows:?}");
}
