//! Tests of `GET /v1/clients/{client_id}/members`.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::ids::{InvitationId, OrganizationId, UserId};
use shared::organizations::invitations::{INVITATION_TTL, Invitation, InvitationToken};
use shared::organizations::{AssignableRole, Member, Role};
use shared::values::EmailAddress;
use tests::costs::assert_round_trips;
use tests::members::{create_key_visitor, create_team, sign_up_member};
use tests::records::insert_record;
use tests::{Person, Team, TestApp, keys};

#[tokio::test]
async fn members_are_listed_before_pending_invitations() {
    let app = TestApp::start().await;
    let Team { owner: ada, admin: bob, member: eve, stranger, client } = Team::create(&app).await;
    let invite = json!({"email": "New@Example.com", "role": "admin"});
    ada.post(&format!("/v1/clients/{client}/invitations"), invite).await.expect(200);
    let list = format!("/v1/clients/{client}/members");
    for who in [&ada, &bob] {
        let reply = who.get(&list).await.expect(200);
        assert_round_trips(&reply, 2);
        assert_eq!(reply.keys(), ["data", "next_cursor"]);
        let mut data = reply.json()["data"].as_array().unwrap().clone();
        let pending = data.pop().unwrap();
        let expected = json!({"user_id": null, "name": null, "email": "new@example.com",
            "role": "admin", "status": "pending", "two_factor_enabled": null, "joined_at": null});
        assert_eq!(pending, expected);
        let mut expected = Vec::new();
        for (person, name, role) in
            [(&ada, "ada", "owner"), (&bob, "bob", "admin"), (&eve, "eve", "member")]
        {
            expected.push(json!({"user_id": person.id().await.as_str(), "name": name,
                "email": person.email, "role": role, "status": "active",
                "two_factor_enabled": false, "joined_at": app.now().await}));
        }
        expected.sort_by_key(|member| member["user_id"].as_str().unwrap().to_owned());
        assert_eq!(data, expected);
    }
    // Members who cannot invite do not see invitations.
    for who in [&eve.visitor, &create_key_visitor(&app, &client, &ada).await] {
        let list = who.get(&list).await.expect(200).json();
        let members = list["data"].as_array().unwrap();
        assert_eq!(members.len(), 3);
        assert!(members.iter().all(|member| member["two_factor_enabled"].is_null()));
        assert_eq!(list["next_cursor"], json!(null));
    }
    stranger.get(&list).await.expect_error(403, "NO_ACCESS");
    let nobodys = OrganizationId::generate(&*app.stack().context().random);
    ada.get(&format!("/v1/clients/{nobodys}/members")).await.expect_error(404, "NOT_FOUND");
}

/// Creates an organization with 500 members and with invitations, some of which have expired.
async fn create_large_team(
    app: &TestApp,
    ada: &Person,
) -> (String, BTreeSet<String>, BTreeSet<String>) {
    let client = create_team(app, ada).await;
    let ctx = app.stack().context();
    let client_id: OrganizationId = client.parse().unwrap();
    let mut members = BTreeSet::from([ada.id().await.to_string()]);
    while members.len() < 500 {
        members.insert(insert_member(app, &client_id).await);
    }
    let mut invited = BTreeSet::new();
    for number in 0..60 {
        let id = InvitationId::generate(&*ctx.random);
        let token = InvitationToken::generate(&*ctx.random, &client_id, &id);
        let email = EmailAddress::parse(&format!("invited{number}@example.com")).unwrap();
        let is_over = number % 6 == 0;
        if !is_over {
            invited.insert(email.to_string());
        }
        let invitation = Invitation {
            id,
            client_id: client_id.clone(),
            email,
            role: AssignableRole::Member,
            invited_by: ada.id().await,
            hash: token.hash(),
            created_at: ctx.now(),
            expires_at: if is_over { ctx.now() } else { ctx.now().plus(INVITATION_TTL) },
        };
        insert_record(app, &invitation).await;
    }
    (client, members, invited)
}

/// Inserts a member without an account and returns the user id.
async fn insert_member(app: &TestApp, client: &OrganizationId) -> String {
    let ctx = app.stack().context();
    let user_id = UserId::generate(&*ctx.random);
    let (client_id, role, joined_at) = (client.clone(), Role::Member, ctx.now());
    insert_record(app, &Member { client_id, user_id: user_id.clone(), role, joined_at }).await;
    user_id.to_string()
}

/// Lists all entries page by page and runs `between` before each page.
async fn list_all_pages(
    who: &Person,
    list: &str,
    limit: usize,
    before_page: impl AsyncFn(),
) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        before_page().await;
        let page = who.get(&format!("{list}?limit={limit}{cursor}")).await.expect(200).json();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= limit);
        all.extend(data.clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[tokio::test]
async fn pages_cover_members_and_invitations_exactly_once() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (client, members, invited) = create_large_team(&app, &ada).await;
    let list = format!("/v1/clients/{client}/members");
    let eve = sign_up_member(&app, &client, "eve", Role::Member).await;
    let members: BTreeSet<_> = members.into_iter().chain([eve.id().await.to_string()]).collect();
    let split = |all: Vec<Value>| -> (Vec<String>, Vec<String>) {
        let first_pending = all.iter().position(|entry| entry["status"] == "pending");
        let (active, pending) = all.split_at(first_pending.unwrap_or(all.len()));
        assert!(pending.iter().all(|entry| entry["status"] == "pending"));
        let texts = |entries: &[Value], name: &str| {
            entries.iter().map(|entry| entry[name].as_str().unwrap().to_owned()).collect()
        };
        (texts(active, "user_id"), texts(pending, "email"))
    };
    // With 501 members and a limit of 3, the last page of members is full.
    for limit in [3, 50, 167, 200] {
        let (active, pending) = split(list_all_pages(&ada, &list, limit, async || ()).await);
        assert!(active.iter().eq(&members), "limit {limit}");
        assert_eq!(pending.len(), invited.len(), "limit {limit}");
        assert_eq!(pending.into_iter().collect::<BTreeSet<_>>(), invited, "limit {limit}");
    }
    // The list of a member who cannot invite ends with the members, and the cursor of an admin is refused.
    let (active, pending) = split(list_all_pages(&eve, &list, 167, async || ()).await);
    assert!(active.iter().eq(&members) && pending.is_empty());
    let page = ada.get(&format!("{list}?limit=167")).await.json();
    let mut cursor = page["next_cursor"].as_str().unwrap().to_owned();
    eve.get(&format!("{list}?cursor={cursor}")).await.expect(200);
    for _ in 0..2 {
        let page = ada.get(&format!("{list}?limit=167&cursor={cursor}")).await.json();
        cursor = page["next_cursor"].as_str().unwrap().to_owned();
    }
    let behind = format!("{list}?cursor={cursor}");
    assert_eq!(ada.get(&behind).await.json()["data"][0]["status"], "pending");
    eve.get(&behind).await.expect_error(400, "INVALID_CURSOR");
    ada.get(&format!("{list}?cursor=x")).await.expect_error(400, "INVALID_CURSOR");
    // Each row that existed before is listed once while others are inserted.
    let id: OrganizationId = client.parse().unwrap();
    let add = async || {
        insert_member(&app, &id).await;
    };
    let (active, pending) = split(list_all_pages(&ada, &list, 50, add).await);
    let once: BTreeSet<_> = active.iter().cloned().collect();
    assert_eq!(once.len(), active.len());
    assert!(once.is_superset(&members) && pending.len() == invited.len());
}

#[tokio::test]
async fn a_member_without_an_account_is_listed_without_a_name() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let gone = insert_member(&app, &client.parse().unwrap()).await;
    let list = ada.get(&format!("/v1/clients/{client}/members")).await.expect(200).json();
    let of_gone = |entry: &&Value| entry["user_id"] == gone.as_str();
    let entry = list["data"].as_array().unwrap().iter().find(of_gone).unwrap();
    assert_eq!(keys(entry).len(), 7);
    assert_eq!((&entry["name"], &entry["email"]), (&json!(null), &json!(null)));
    assert_eq!(entry["status"], "active");
}
