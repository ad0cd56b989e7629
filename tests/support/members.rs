//! Members of an organization, and the invariants of all memberships.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use shared::ids::UserId;
use shared::organizations::Role;

use crate::{PASSWORD, Person, Reply, TestApp, Visitor};

/// Creates an organization on a plan with enough seats.
pub async fn create_team(app: &TestApp, owner: &Person) -> String {
    let client = owner.create_client("Acme Corp").await;
    app.set_plan(&client, "enterprise").await;
    client
}

/// Signs up a person and adds them to an organization.
pub async fn sign_up_member(app: &TestApp, client: &str, who: &str, role: Role) -> Person {
    let person = app.sign_up(who).await;
    app.add_member(client, &person, role).await;
    person
}

/// Returns a string attribute of an item.
pub fn string_attribute<'v>(item: &'v Value, name: &str) -> &'v str {
    item[name]["S"].as_str().unwrap_or_else(|| panic!("no {name}: {item}"))
}

/// Asserts the invariants of all organizations and memberships. Each organization has one owner,
/// whom it names, and counts its members correctly. Both rows of each membership agree, and each
/// user has a default organization.
pub async fn assert_memberships_consistent(app: &TestApp) {
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

/// Builds the path of a member.
pub fn member_path(client: &str, member: &str) -> String {
    format!("/v1/clients/{client}/members/{member}")
}

/// Removes a member.
pub async fn remove_member(who: &Visitor, client: &str, member: &UserId) -> Reply {
    who.send(Method::DELETE, &member_path(client, member.as_str()), None).await
}

/// Creates a key of an organization and returns a visitor that uses it.
pub async fn create_key_visitor(app: &TestApp, client: &str, made_by: &Person) -> Visitor {
    app.visitor().with_bearer(&made_by.key(client, "ci").await.1)
}

/// Builds the path of a transfer.
pub fn transfer_path(client: &str) -> String {
    format!("/v1/clients/{client}/transfer")
}

/// Transfers an organization to another member.
pub async fn transfer_ownership(from: &Person, client: &str, heir: &Person) -> Reply {
    let body = json!({"user_id": heir.id().await.as_str(), "password": PASSWORD});
    from.post(&transfer_path(client), body).await
}
