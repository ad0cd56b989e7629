//! Tests of `/v1/clients/{client_id}/members` and of leaving an organization.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Method;
use serde_json::{Value, json};
use shared::dynamo::{Condition, Record};
use shared::ids::{InvitationId, OrganizationId, UserId};
use shared::organizations::invitations::{INVITATION_TTL, Invitation, InvitationToken};
use shared::organizations::{AssignableRole, Member, Role};
use shared::values::EmailAddress;
use tests::{
    Person, Reply, TestApp, Visitor, assert_done_once, count_successes, keys, race, race_size,
};

/// Creates an organization on a plan with enough seats.
pub(crate) async fn create_team(app: &TestApp, owner: &Person) -> String {
    let client = owner.create_client("Acme Corp").await;
    app.set_plan(&client, "enterprise").await;
    client
}

/// Signs up a person and adds them to an organization.
pub(crate) async fn sign_up_member(app: &TestApp, client: &str, who: &str, role: Role) -> Person {
    let person = app.sign_up(who).await;
    app.add_member(client, &person, role).await;
    person
}

/// Asserts the maximum number of sequential round trips of a request.
#[track_caller]
pub(crate) fn assert_round_trips(reply: &Reply, max_trips: u32) {
    assert!(reply.cost().trips <= max_trips, "{:?}", reply.cost());
}

/// Counts the replies by status.
pub(crate) fn count_statuses(replies: &[Reply]) -> BTreeMap<u16, usize> {
    let mut counts = BTreeMap::new();
    for reply in replies {
        *counts.entry(reply.status).or_default() += 1;
    }
    counts
}

/// Returns a string attribute of an item.
fn string_attribute<'v>(item: &'v Value, name: &str) -> &'v str {
    item[name]["S"].as_str().unwrap_or_else(|| panic!("no {name}: {item}"))
}

/// Asserts the invariants of all organizations and memberships. Each organization has one owner,
/// whom it names, and counts its members correctly. Both rows of each membership agree, and each
/// user has a default organization.
pub(crate) async fn assert_consistent(app: &TestApp) {
    let dump = app.dump().await;
    let under = |pk: &str, sk: &str| -> Vec<&Value> {
        let fits = |i: &&Value| {
            string_attribute(i, "pk").starts_with(pk) && string_attribute(i, "sk").starts_with(sk)
        };
        dump.iter().filter(fits).collect()
    };
    let clients = under("CLIENT#", "META");
    for client in &clients {
        let id = string_attribute(client, "id");
        let members = under(&format!("CLIENT#{id}"), "MEMBER#");
        let owners: Vec<_> =
            members.iter().filter(|m| string_attribute(m, "role") == "owner").collect();
        assert_eq!(owners.len(), 1, "{id}: {members:?}");
        assert_eq!(
            string_attribute(owners[0], "user_id"),
            string_attribute(client, "owner_id"),
            "{id}"
        );
        assert_eq!(client["members"]["N"], members.len().to_string(), "{id}");
    }
    let side = |item: &Value| {
        let [client, user, role] =
            ["client_id", "user_id", "role"].map(|name| string_attribute(item, name));
        (client.to_owned(), user.to_owned(), role.to_owned())
    };
    let members = under("CLIENT#", "MEMBER#");
    let listed = under("USER#", "CLIENT#");
    let sides = |items: &[&Value]| items.iter().map(|item| side(item)).collect::<BTreeSet<_>>();
    assert_eq!(sides(&members), sides(&listed));
    assert_eq!((members.len(), listed.len()), (sides(&members).len(), sides(&listed).len()));
    for listing in listed {
        let is_member = |m: &&&Value| side(m) == side(listing);
        let member = members.iter().find(is_member).unwrap();
        let of_client =
            |c: &&&Value| string_attribute(c, "id") == string_attribute(listing, "client_id");
        let client = clients.iter().find(of_client).unwrap();
        let is_default =
            client["is_default"]["BOOL"] == true && client["owner_id"] == listing["user_id"];
        let since = if is_default { &json!({"N": "0"}) } else { &member["joined_at"] };
        assert_eq!(&listing["since"], since, "{listing}");
    }
    for user in under("USER#", "META") {
        let theirs = |c: &&&Value| c["owner_id"] == user["id"] && c["is_default"]["BOOL"] == true;
        let defaults: Vec<_> = clients.iter().filter(theirs).collect();
        assert_eq!(defaults.len(), 1, "{user}");
        assert_eq!(defaults[0]["id"], user["default_client_id"]);
    }
}

/// Lists the events with an action in the log of an organization.
pub(crate) async fn list_log_entries(app: &TestApp, client: &str, action: &str) -> Vec<Value> {
    let all = app.items(&format!("ACTIVITY#CLIENT#{client}"), "").await;
    all.into_iter().filter(|entry| entry["action"]["S"] == action).collect()
}

/// Builds the path of a member.
pub(crate) fn member_path(client: &str, member: &str) -> String {
    format!("/v1/clients/{client}/members/{member}")
}

/// Removes a member.
async fn remove_member(who: &Visitor, client: &str, member: &UserId) -> Reply {
    who.send(Method::DELETE, &member_path(client, member.as_str()), None).await
}

/// Inserts a record.
async fn insert_record<R: Record>(app: &TestApp, record: &R) {
    let table = &app.stack().context().table;
    assert!(table.put(record, Condition::Absent).await.unwrap());
}

/// Creates a key of an organization and returns a visitor that uses it.
pub(crate) async fn create_key_visitor(app: &TestApp, client: &str, made_by: &Person) -> Visitor {
    app.visitor().with_bearer(&made_by.key(client, "ci").await.1)
}

#[tokio::test]
async fn members_are_listed_before_pending_invitations() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Member).await;
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
            "role": "admin", "status": "pending", "joined_at": null});
        assert_eq!(pending, expected);
        let mut expected = Vec::new();
        for (person, name, role) in
            [(&ada, "ada", "owner"), (&bob, "bob", "admin"), (&eve, "eve", "member")]
        {
            expected.push(json!({"user_id": person.id().await.as_str(), "name": name,
                "email": person.email, "role": role, "status": "active",
                "joined_at": app.now().await}));
        }
        expected.sort_by_key(|member| member["user_id"].as_str().unwrap().to_owned());
        assert_eq!(data, expected);
    }
    // Members who cannot invite do not see invitations.
    for who in [&eve.visitor, &create_key_visitor(&app, &client, &ada).await] {
        let list = who.get(&list).await.expect(200).json();
        assert_eq!(list["data"].as_array().unwrap().len(), 3);
        assert_eq!(list["next_cursor"], json!(null));
    }
    let stranger = app.sign_up("stranger").await;
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
    // The list of a member who cannot invite ends with the members, and the cursor of an admin is
    // refused.
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
async fn a_role_change_updates_both_rows_and_is_logged() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Member).await;
    let eves = member_path(&client, eve.id().await.as_str());
    let admin = json!({"role": "admin"});
    let reply = bob.patch(&eves, admin.clone()).await.expect(200);
    assert_round_trips(&reply, 2);
    assert_eq!(reply.keys(), ["email", "joined_at", "name", "role", "status", "user_id"]);
    assert_eq!((&reply.json()["role"], &reply.json()["name"]), (&json!("admin"), &json!("eve")));
    assert_consistent(&app).await;
    let log = list_log_entries(&app, &client, "member.role_changed").await;
    let expected = json!({"M": {"before": {"S": "member"}, "after": {"S": "admin"}}});
    assert_eq!(log[0]["details"], expected);
    assert_eq!(log[0]["target"]["S"], eve.id().await.as_str());
    assert_eq!(log[0]["user_id"]["S"], bob.id().await.as_str());
    // The current role is not a change.
    bob.patch(&eves, admin.clone()).await.expect(200);
    assert_eq!(list_log_entries(&app, &client, "member.role_changed").await.len(), 1);
    // The new role applies at once, and an admin can demote themselves.
    eve.patch(&eves, json!({"role": "member"})).await.expect(200);
    eve.patch(&eves, admin).await.expect_error(403, "NO_ACCESS");
    assert_consistent(&app).await;
}

#[tokio::test]
async fn invalid_role_changes_are_refused() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Member).await;
    let stranger = app.sign_up("stranger").await;
    let before = app.dump().await.len();
    let adas = member_path(&client, ada.id().await.as_str());
    let member = json!({"role": "member"});
    bob.patch(&adas, member.clone()).await.expect_error(403, "NO_ACCESS");
    let reply = ada.patch(&adas, member.clone()).await.expect_error(409, "OWNS_CLIENTS");
    assert_eq!(reply.json()["detail"]["clients"], json!([{"id": client, "name": "Acme Corp"}]));
    let eves = member_path(&client, eve.id().await.as_str());
    for (body, code) in [
        (json!({"role": "owner"}), "INVALID_FIELD"),
        (json!({"role": "Admin"}), "INVALID_FIELD"),
        (json!({"role": 1}), "INVALID_FIELD"),
        (json!({"role": null}), "MISSING_ROLE"),
        (json!({}), "MISSING_ROLE"),
    ] {
        ada.patch(&eves, body).await.expect_error(400, code);
    }
    for (who, status) in [(&eve, 403), (&stranger, 403)] {
        who.patch(&eves, member.clone()).await.expect(status);
        remove_member(&who.visitor, &client, &bob.id().await).await.expect_error(403, "NO_ACCESS");
    }
    let key = create_key_visitor(&app, &client, &ada).await;
    remove_member(&key, &client, &eve.id().await).await.expect_error(403, "NO_ACCESS");
    for nobody in [stranger.id().await.as_str(), "usr_x", "x%2Fy"] {
        ada.patch(&member_path(&client, nobody), member.clone())
            .await
            .expect_error(404, "NOT_FOUND");
    }
    remove_member(&ada.visitor, &client, &stranger.id().await).await.expect_error(404, "NOT_FOUND");
    remove_member(&bob.visitor, &client, &ada.id().await).await.expect_error(403, "NO_ACCESS");
    remove_member(&ada.visitor, &client, &ada.id().await).await.expect_error(409, "OWNS_CLIENTS");
    assert_eq!(app.dump().await.len(), before + 3, "the key and its log, nothing else");
    assert_consistent(&app).await;
}

#[tokio::test]
async fn key_of_a_person_outlives_removal_but_their_tokens_do_not() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let here = client.parse::<OrganizationId>().unwrap();
    let anywhere = app.visitor().with_bearer(&app.token(&bob, |_| {}).await);
    let confined = app.token(&bob, |token| token.client_id = Some(here)).await;
    let confined = app.visitor().with_bearer(&confined);
    let key = create_key_visitor(&app, &client, &bob).await;
    let the_client = format!("/v1/clients/{client}");
    for credential in [&bob.visitor, &anywhere, &confined, &key] {
        credential.get(&the_client).await.expect(200);
    }
    let reply = remove_member(&ada.visitor, &client, &bob.id().await).await.expect(200);
    assert_round_trips(&reply, 2);
    assert_eq!(reply.json(), json!({"deleted": true}));
    for credential in [&bob.visitor, &anywhere, &confined] {
        credential.get(&the_client).await.expect_error(403, "NO_ACCESS");
    }
    key.get(&the_client).await.expect(200);
    // The person's access to other organizations is unchanged.
    anywhere.get(&format!("/v1/clients/{}", bob.default_client().await)).await.expect(200);
    assert_eq!(bob.get("/v1/clients").await.json()["data"].as_array().unwrap().len(), 1);
    let log = list_log_entries(&app, &client, "member.removed").await;
    assert_eq!(log[0]["target"]["S"], bob.id().await.as_str());
    assert_eq!(log[0]["details"], json!({"M": {"role": {"S": "admin"}}}));
    remove_member(&ada.visitor, &client, &bob.id().await).await.expect_error(404, "NOT_FOUND");
    assert_consistent(&app).await;
}

#[tokio::test]
async fn anyone_but_the_owner_can_leave() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Member).await;
    let leave = format!("/v1/clients/{client}/leave");
    let key = create_key_visitor(&app, &client, &bob).await;
    key.post(&leave, json!({})).await.expect_error(403, "NO_ACCESS");
    let reply = ada.post(&leave, json!({})).await.expect_error(409, "OWNS_CLIENTS");
    assert_eq!(reply.json()["detail"]["clients"], json!([{"id": client, "name": "Acme Corp"}]));
    let reply = eve.visitor.send(Method::POST, &leave, None).await.expect(200);
    assert_round_trips(&reply, 2);
    assert_eq!(reply.json(), json!({"left": true}));
    // An admin can also remove themselves.
    remove_member(&bob.visitor, &client, &bob.id().await).await.expect(200);
    for gone in [&eve, &bob] {
        gone.post(&leave, json!({})).await.expect_error(403, "NO_ACCESS");
    }
    let log = list_log_entries(&app, &client, "member.left").await;
    assert_eq!(log.len(), 2);
    assert!(log.iter().all(|entry| entry["target"] == entry["user_id"]));
    assert_eq!(ada.get(&format!("/v1/clients/{client}")).await.json()["members"], 1);
    assert_consistent(&app).await;
}

#[tokio::test]
async fn last_owner_admins_removing_each_other_leave_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Admin).await;
    let ids = [bob.id().await, eve.id().await];
    let replies = race(race_size(), |number| {
        let who = if number % 2 == 0 { &bob } else { &eve }.visitor.clone();
        let (client, whom) = (client.clone(), ids[(number + 1) % 2].clone());
        async move { remove_member(&who, &client, &whom).await }
    })
    .await;
    let statuses = count_statuses(&replies);
    assert!(count_successes(&replies).contains(&1), "{statuses:?}");
    assert!(statuses.keys().all(|status| [200, 403, 404, 503].contains(status)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    assert_consistent(&app).await;
    let removed = list_log_entries(&app, &client, "member.removed").await.len();
    assert_done_once(&replies, removed);
    assert_eq!(ada.get(&format!("/v1/clients/{client}")).await.json()["members"], 3 - removed);
}

#[tokio::test]
async fn last_owner_admins_demoting_each_other_leave_one() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Admin).await;
    let paths = [bob.id().await, eve.id().await].map(|id| member_path(&client, id.as_str()));
    for _ in 0..8 {
        let replies = race(10, |number| {
            let who = if number % 2 == 0 { &bob } else { &eve }.clone();
            let whom = paths[(number + 1) % 2].clone();
            async move { who.patch(&whom, json!({"role": "member"})).await }
        })
        .await;
        app.wait_until_idle(&replies).await;
        // One of them is still an admin, because a successful change takes the other's right to
        // make one.
        let members = ada.get(&format!("/v1/clients/{client}/members")).await.json();
        let is_admin = |member: &&Value| member["role"] == "admin";
        let admins = members["data"].as_array().unwrap().iter().filter(is_admin).count();
        assert_done_once(&replies, 2 - admins);
        assert_consistent(&app).await;
        for path in &paths {
            ada.patch(path, json!({"role": "admin"})).await.expect(200);
        }
    }
}

#[tokio::test]
async fn last_owner_concurrent_changes_to_a_member_stay_consistent() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let client = create_team(&app, &ada).await;
    let bob = sign_up_member(&app, &client, "bob", Role::Admin).await;
    let eve = sign_up_member(&app, &client, "eve", Role::Member).await;
    let eves = eve.id().await;
    let replies = race(race_size(), |number| {
        let (ada, bob, eve) = (ada.clone(), bob.clone(), eve.clone());
        let (client, eves) = (client.clone(), eves.clone());
        async move {
            let role = |role: &str| json!({"role": role});
            let path = member_path(&client, eves.as_str());
            match number % 5 {
                0 => remove_member(&ada.visitor, &client, &eves).await,
                1 => remove_member(&bob.visitor, &client, &eves).await,
                2 => eve.post(&format!("/v1/clients/{client}/leave"), json!({})).await,
                3 => ada.patch(&path, role("admin")).await,
                _ => bob.patch(&path, role("member")).await,
            }
        }
    })
    .await;
    let statuses = count_statuses(&replies);
    assert!(*count_successes(&replies).end() > 0, "{statuses:?}");
    assert!(statuses.keys().all(|status| [200, 403, 404, 503].contains(status)), "{statuses:?}");
    app.wait_until_idle(&replies).await;
    assert_consistent(&app).await;
    let gone = list_log_entries(&app, &client, "member.removed").await.len()
        + list_log_entries(&app, &client, "member.left").await.len();
    let members = &ada.get(&format!("/v1/clients/{client}")).await.json()["members"];
    assert_eq!(members, &json!(3 - gone));
    assert!(gone <= 1);
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
    assert_eq!(keys(entry).len(), 6);
    assert_eq!((&entry["name"], &entry["email"]), (&json!(null), &json!(null)));
    assert_eq!(entry["status"], "active");
}
