//! Account erasure removes everything about the user and nothing else.

use serde_json::{Value, json};
use shared::accounts::deletion::erase::{ErasureOutcome, erase_account};
use shared::dynamo::Update;
use shared::keys;
use shared::organizations::Organization;
use tests::account_deletion::delete_account;
use tests::account_erasure::{
    UNIQUE_NAME, change_email, connect_google, delete_full_account, items_containing,
    list_erasures, partition_kinds, table,
};
use tests::organizations::insert_organization;
use tests::time::DAY;
use tests::{PASSWORD, Person, TestApp};

#[tokio::test]
async fn erasure_removes_everything_about_the_user() {
    let app = TestApp::start().await;
    let eve = app.sign_up("eve").await.id().await;
    let (ada, id) = delete_full_account(&app).await;
    let texts = [UNIQUE_NAME, id.as_str(), "471108154711081547110", "+442079460018"];
    let before = partition_kinds(&items_containing(&app, &texts).await);
    let all = ["ACTIVITY", "CLIENT", "CODE", "EMAIL", "ERASURE", "GOOGLE", "PASSKEY", "USER"];
    assert_eq!(before, all, "the test makes one of everything");
    app.advance_clock_with_last_runs(15 * DAY).await;
    assert_eq!(items_containing(&app, &texts).await, Vec::<Value>::new());
    // Every remaining item belongs to Eve or contains no personal data.
    let eves = app.items("USER#", "META").await;
    let [eves] = eves.as_slice() else { panic!("{eves:?}") };
    let client = eves["default_client_id"]["S"].as_str().unwrap();
    let eves = items_containing(&app, &[eve.as_str(), "eve@example.com", client]).await;
    let rest: Vec<_> = app.dump().await.into_iter().filter(|item| !eves.contains(item)).collect();
    let rest = partition_kinds(&rest);
    let may_stay = [
        "CEREMONY", "DECOY", "LEDGER", "MAIL", "MAILBOX", "MOVED", "SCHEDULE", "SIGNIN", "THROTTLE",
    ];
    assert!(rest.iter().all(|kind| may_stay.contains(&kind.as_str())), "{rest:?}");
    app.visitor().post("/v1/login", ada.credentials()).await.expect(401);
    // The addresses can be registered again.
    for domain in ["com", "org", "net"] {
        let new = json!({"email": format!("{UNIQUE_NAME}@example.{domain}"), "name": "New", "password": PASSWORD});
        app.visitor().post("/v1/register", new).await.expect(200);
    }
}

#[tokio::test]
async fn erasure_removes_nothing_of_other_users() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.sign_up(UNIQUE_NAME).await, app.sign_up("eve").await);
    let (ada_id, eve_id) = (ada.id().await, eve.id().await);
    // Ada is a member of Eve's organization, and her former Google account is connected to Eve now.
    let eves = insert_organization(&app, &eve_id, &[&ada_id]).await;
    connect_google(&app, &ada_id, "471108154711081547110").await;
    let google_key = keys::google_guard("https://accounts.google.com", "471108154711081547110");
    let transfer = Update::new(google_key.clone()).set("user_id", &eve_id).unwrap();
    table(&app).update::<Value>(transfer).await.unwrap().unwrap();
    delete_account(&ada).await;
    let not_adas = async || {
        let all = app.dump().await;
        let passing = ["MAIL", "SCHEDULE", "SIGNIN", "THROTTLE", "DECOY", "MOVED"];
        // The row of Eve's organization counts its members, so the erasure changes it.
        let (eves, client) = (keys::organization(&eves), "META");
        let lasting = all.into_iter().filter(|item| {
            !passing.contains(&partition_kinds(std::slice::from_ref(item))[0].as_str())
                && (item["pk"]["S"] != eves.pk || item["sk"]["S"] != client)
                // The worker records how far it has audited each ledger.
                && item["sk"]["S"] != "CHECKED"
        });
        let ada_id = ada_id.as_str();
        let not_adas = lasting.filter(|item| !item.to_string().contains(ada_id));
        let mut items: Vec<_> = not_adas.collect();
        // The balances of Ada's organizations stay, and nothing is spent any more.
        for item in &mut items {
            item.as_object_mut().unwrap().remove("closed_at");
        }
        items.sort_by_key(|item| [&item["pk"], &item["sk"]].map(ToString::to_string));
        items
    };
    // Ada's own organizations do not contain her id.
    let adas_client = app.items("CLIENT#", "META").await;
    assert_eq!(adas_client.len(), 3);
    let before = not_adas().await;
    app.advance_clock(15 * DAY).await;
    assert_eq!(not_adas().await, before);
    // Eve's audit log keeps Ada's id in the event that she left.
    let [left] = &items_containing(&app, &[UNIQUE_NAME, ada_id.as_str()]).await[..] else {
        panic!("not one")
    };
    assert!(left["pk"]["S"].as_str().unwrap().starts_with(&format!("ACTIVITY#CLIENT#{eves}#")));
    assert_eq!(left["action"]["S"], "member.left");
    assert_eq!((&left["user_id"]["S"], &left["target"]["S"]), (&json!(ada_id), &json!(ada_id)));
    let client: Organization = table(&app).get(&keys::organization(&eves)).await.unwrap().unwrap();
    assert_eq!(client.members, 1);
    let eve = eve.sign_in(&app).await;
    let clients = eve.get("/v1/clients").await.expect(200).json();
    let ids: Vec<_> =
        clients["data"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&eves.as_str()));
}

/// An account with an unverified address lost the address to its owner.
#[tokio::test]
async fn erasing_a_squatter_keeps_the_address_with_its_owner() {
    let app = TestApp::start().await;
    let address = format!("{UNIQUE_NAME}@example.org");
    let squat = json!({"email": address, "name": "Squatter Zwölf", "password": PASSWORD});
    app.visitor().post("/v1/register", squat).await.expect(200);
    let squatter = app.items("USER#", "META").await[0]["id"]["S"].as_str().unwrap().to_owned();
    let ada = app.sign_up("ada").await;
    change_email(&app, &ada, &address).await;
    app.advance_clock(61).await;
    app.visitor().post("/v1/password/forgot", json!({"email": address})).await.expect(200);
    let due = list_erasures(&app).await.remove(0);
    assert_eq!(
        erase_account(app.stack().context(), &app.stack().clients().stripe, &due).await.unwrap(),
        ErasureOutcome::Erased
    );
    assert!(items_containing(&app, &[&squatter, "Squatter"]).await.is_empty());
    let ada = Person { email: address, ..ada };
    let code = app.code(&ada.email).await;
    let reset = json!({"email": ada.email, "code": code, "new_password": PASSWORD});
    app.visitor().post("/v1/password/reset", reset).await.expect(200);
    let me = ada.sign_in(&app).await.get("/v1/me").await.expect(200).json();
    assert_eq!(me["user"]["email"], ada.email);
}
