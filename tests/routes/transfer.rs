//! Tests of `POST /v1/clients/{client_id}/transfer`.

use serde_json::{Value, json};
use shared::accounts::User;
use shared::dynamo::Update;
use shared::ids::OrganizationId;
use shared::keys;
use shared::organizations::Role;
use tests::activity::list_log_entries;
use tests::costs::assert_round_trips;
use tests::members::{
    assert_memberships_consistent, create_key_visitor, create_team, member_path, sign_up_member,
    transfer_ownership, transfer_path,
};
use tests::statuses::count_statuses;
use tests::{PASSWORD, Person, Team, TestApp, assert_done_once, count_successes, race, race_size};

/// Reads the caller's role in an organization.
async fn read_role(person: &Person, client: &str) -> Value {
    person.get(&format!("/v1/clients/{client}")).await.expect(200).json()["role"].clone()
}

/// Removes a person's password, as if they signed in with Google. A recent sign-in is then
/// sufficient, so concurrent requests do not wait for the limit of wrong passwords.
async fn remove_password(app: &TestApp, person: &Person) {
    let update = Update::new(keys::user(&person.id().await)).remove("password_hash");
    let table = &app.stack().context().table;
    table.update::<User>(update.add("version", 1)).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_transfer_makes_the_old_owner_an_admin() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Member).await;
    app.advance_clock(5).await;
    let reply = transfer_ownership(&ada, &client, &bob).await.expect(200);
    // The trips are the authentication with the rows of the decision, the failures with the counted
    // attempt, and the change.
    assert_round_trips(&reply, 4);
    let view = reply.json();
    assert_eq!((&view["owner_id"], &view["role"]), (&json!(bob.email), &json!("admin")));
    assert_eq!(view, ada.get(&format!("/v1/clients/{client}")).await.json());
    assert_eq!(read_role(&bob, &client).await, "owner");
    assert_memberships_consistent(&app).await;
    let log = list_log_entries(&app, &client, "client.transferred").await;
    let [before, after] = [ada.id().await, bob.id().await].map(|id| json!({"S": id.as_str()}));
    assert_eq!(log[0]["details"], json!({"M": {"before": before, "after": after}}));
    assert!(app.items("SIGNIN#", "").await.is_empty(), "the right password is no failure");
    // From now on Bob can transfer_ownership the organization, and Ada can leave it.
    transfer_ownership(&ada, &client, &bob).await.expect_error(403, "NO_ACCESS");
    bob.delete("/v1/me", json!({"password": PASSWORD, "confirm": "DELETE"}))
        .await
        .expect_error(409, "OWNS_CLIENTS");
    ada.post(&format!("/v1/clients/{client}/leave"), json!({})).await.expect(200);
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn transferring_a_default_organization_creates_a_new_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let first = ada.default_client().await;
    app.set_plan(&first, "enterprise").await;
    let bob = sign_up_member(&app, &first, "bob", Role::Admin).await;
    let later = ada.create_client("Later").await;
    app.advance_clock(5).await;
    let reply = transfer_ownership(&ada, &first, &bob).await.expect(200);
    assert_eq!(reply.json()["is_default"], false);
    assert_memberships_consistent(&app).await;
    let list = ada.get("/v1/clients").await.expect(200).json();
    let list = list["data"].as_array().unwrap();
    let ids: Vec<_> = list.iter().map(|client| client["id"].as_str().unwrap()).collect();
    let new = ids[0];
    assert_eq!(ids.len(), 3);
    assert!(new != first && ids.contains(&first.as_str()) && ids.contains(&later.as_str()));
    assert_eq!((&list[0]["is_default"], &list[0]["name"]), (&json!(true), &json!("ada")));
    assert_eq!((&list[0]["plan"], &list[0]["role"]), (&json!("free"), &json!("owner")));
    assert!(list[1..].iter().all(|client| client["is_default"] == false));
    let bobs = bob.get("/v1/clients").await.expect(200).json();
    let bobs: Vec<_> = bobs["data"].as_array().unwrap().iter().map(|c| &c["is_default"]).collect();
    assert_eq!(bobs, [&json!(true), &json!(false)]);
    assert_eq!(list_log_entries(&app, new, "client.created").await.len(), 1);
}

#[tokio::test]
async fn only_the_owner_transfers_and_only_to_a_member() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    for who in [&bob, &eve, &stranger] {
        transfer_ownership(who, &client, &eve).await.expect_error(403, "NO_ACCESS");
    }
    transfer_ownership(&ada, &client, &stranger).await.expect_error(404, "NOT_FOUND");
    transfer_ownership(&ada, &client, &ada).await.expect_error(400, "INVALID_FIELD");
    let nobodys = OrganizationId::generate(&*app.stack().context().random);
    transfer_ownership(&ada, nobodys.as_str(), &bob).await.expect_error(404, "NOT_FOUND");
    let bobs = bob.id().await;
    for (body, status, code) in [
        (json!({"password": PASSWORD}), 400, "MISSING_USER_ID"),
        (json!({"user_id": "", "password": PASSWORD}), 400, "MISSING_USER_ID"),
        (json!({"user_id": "usr_x", "password": PASSWORD}), 404, "NOT_FOUND"),
        (json!({"user_id": bobs.as_str()}), 400, "MISSING_PASSWORD"),
        (json!({"user_id": bobs.as_str(), "password": ""}), 400, "MISSING_PASSWORD"),
        (json!({"user_id": bobs.as_str(), "password": 1}), 400, "INVALID_FIELD"),
    ] {
        ada.post(&transfer_path(&client), body).await.expect_error(status, code);
    }
    // No token is accepted, not even one of the owner.
    let body = json!({"user_id": bobs.as_str(), "password": PASSWORD});
    let token = app.visitor().with_bearer(&app.token(&ada, |_| {}).await);
    for bearer in [token, create_key_visitor(&app, &client, &ada).await] {
        bearer
            .post(&transfer_path(&client), body.clone())
            .await
            .expect_error(403, "SESSION_REQUIRED");
    }
    app.visitor().post(&transfer_path(&client), body).await.expect_error(401, "missing session");
    // A member whose account is going to be erased cannot become the owner.
    bob.delete("/v1/me", json!({"password": PASSWORD, "confirm": "DELETE"})).await.expect(200);
    let body = json!({"user_id": bobs.as_str(), "password": PASSWORD});
    ada.post(&transfer_path(&client), body).await.expect_error(404, "NOT_FOUND");
    assert_eq!(read_role(&ada, &client).await, "owner");
    assert!(list_log_entries(&app, &client, "client.transferred").await.is_empty());
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn old_password_unchecked_transfer_needs_the_owners_password() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, client, .. } = Team::create(&app).await;
    let change = json!({"current_password": PASSWORD, "new_password": "another-horse-7"});
    bob.post("/v1/me/password", change).await.expect(200);
    let body = |password: &str| json!({"user_id": null, "password": password});
    let bobs = bob.id().await;
    let body = |password: &str| {
        let mut body = body(password);
        body["user_id"] = json!(bobs.as_str());
        body
    };
    for wrong in ["wrong-horse-9", "another-horse-7", "x", "wrong-horse-8", "wrong-horse-7"] {
        let reply = ada.post(&transfer_path(&client), body(wrong)).await;
        reply.expect_error(401, "INVALID_CREDENTIALS");
    }
    // Wrong passwords are limited as at sign-in, so the correct one has to wait too. A sign-in elsewhere has not.
    ada.post(&transfer_path(&client), body(PASSWORD)).await.expect_error(429, "RATE_LIMITED");
    app.visitor().post("/v1/login", ada.credentials()).await.expect(200);
    assert_eq!(read_role(&ada, &client).await, "owner");
    app.advance_clock(16).await;
    ada.post(&transfer_path(&client), body(PASSWORD)).await.expect(200);
    assert!(app.items("SIGNIN#", "").await.is_empty());
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn without_a_password_a_recent_sign_in_is_required() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, client, .. } = Team::create(&app).await;
    remove_password(&app, &ada).await;
    let body = json!({"user_id": bob.id().await.as_str()});
    app.expire_proof().await;
    ada.post(&transfer_path(&client), body.clone()).await.expect_error(401, "REAUTH_REQUIRED");
    app.create_google_account(&ada.email, true).await;
    let reply = app.sign_in_with_google(&app.visitor(), &ada.email).await.expect(302);
    let session = tests::session_cookie(&reply).unwrap();
    let fresh = app.visitor().with_session(&session);
    app.advance_clock(10 * 60 - 1).await;
    fresh.post(&transfer_path(&client), body).await.expect(200);
    assert_memberships_consistent(&app).await;
}

/// Sends fifty concurrent transfers of an organization to three members.
async fn race_transfers(app: &TestApp, ada: &Person, client: &str) {
    let mut heirs = Vec::new();
    for who in ["bob", "eve", "joe"] {
        heirs.push(sign_up_member(app, client, who, Role::Admin).await.id().await);
    }
    remove_password(app, ada).await;
    let replies = race(race_size(), |number| {
        let (ada, client, heir) = (ada.clone(), client.to_owned(), heirs[number % 3].clone());
        async move { ada.post(&transfer_path(&client), json!({"user_id": heir.as_str()})).await }
    })
    .await;
    let statuses = count_statuses(&replies);
    // The response of the winner may be lost, but its change is stored.
    assert!(statuses.get(&200).is_none_or(|done| *done == 1), "{statuses:?}");
    assert!(statuses.keys().all(|status| [200, 403, 503].contains(status)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    let transferred = list_log_entries(app, client, "client.transferred").await.len();
    assert_done_once(&replies, transferred);
    if transferred == 0 {
        // If all requests timed out, another one succeeds now.
        ada.post(&transfer_path(client), json!({"user_id": heirs[0].as_str()})).await.expect(200);
    }
    assert_memberships_consistent(app).await;
}

#[tokio::test]
async fn last_owner_concurrent_transfers_leave_one_owner() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    race_transfers(&app, &ada, &client).await;
    assert_eq!(read_role(&ada, &client).await, "admin");
}

#[tokio::test]
async fn last_owner_concurrent_default_transfers_create_one_new() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = ada.default_client().await;
    app.set_plan(&client, "enterprise").await;
    race_transfers(&app, &ada, &client).await;
    assert_eq!(ada.get("/v1/clients").await.json()["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn last_owner_transfers_with_removals_leave_one_owner() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Admin).await;
    remove_password(&app, &ada).await;
    let [bobs, eves] = [bob.id().await, eve.id().await];
    let replies = race(race_size(), |number| {
        let (ada, bob, eve, client) = (ada.clone(), bob.clone(), eve.clone(), client.clone());
        let (bobs, eves) = (bobs.clone(), eves.clone());
        async move {
            let leave = format!("/v1/clients/{client}/leave");
            match number % 6 {
                0 => ada.post(&transfer_path(&client), json!({"user_id": bobs.as_str()})).await,
                1 => ada.post(&transfer_path(&client), json!({"user_id": eves.as_str()})).await,
                2 => eve.delete(&member_path(&client, bobs.as_str()), json!({})).await,
                3 => bob.post(&leave, json!({})).await,
                4 => {
                    ada.patch(&member_path(&client, bobs.as_str()), json!({"role": "member"})).await
                }
                _ => ada.post(&leave, json!({})).await,
            }
        }
    })
    .await;
    let statuses = count_statuses(&replies);
    assert!(*count_successes(&replies).end() > 0, "{statuses:?}");
    let expected = [200, 403, 404, 409, 503];
    assert!(statuses.keys().all(|status| expected.contains(status)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    assert_memberships_consistent(&app).await;
}

#[tokio::test]
async fn last_owner_is_never_an_account_being_deleted() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    remove_password(&app, &ada).await;
    for round in 0..8 {
        let client = create_team(&app, &ada).await;
        let heir = sign_up_member(&app, &client, &format!("heir{round}"), Role::Admin).await;
        let id = heir.id().await;
        let replies = race(4, |number| {
            let (ada, heir, client, id) = (ada.clone(), heir.clone(), client.clone(), id.clone());
            async move {
                if number % 2 == 0 {
                    // The deletion starts with a slow password hash, and only its end matters here.
                    tokio::time::sleep(std::time::Duration::from_millis(25 * round)).await;
                    ada.post(&transfer_path(&client), json!({"user_id": id.as_str()})).await
                } else {
                    let confirmed = json!({"password": PASSWORD, "confirm": "DELETE"});
                    heir.delete("/v1/me", confirmed).await
                }
            }
        })
        .await;
        let done = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(done, 1, "{:?}", count_statuses(&replies));
        let owns =
            app.items(&format!("CLIENT#{client}"), "META").await[0]["owner_id"]["S"] == id.as_str();
        let account = &app.items(&format!("USER#{id}"), "META").await[0];
        let leaves = account["deletion"]["M"].is_object();
        assert_ne!(owns, leaves, "round {round}: {account}");
        assert_memberships_consistent(&app).await;
    }
}
