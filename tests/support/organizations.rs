//! Rows of organizations and memberships, written directly, and the deletion of an organization.

use serde_json::{Value, json};
use shared::activity::Log;
use shared::clock::Timestamp;
use shared::context::Context;
use shared::dynamo::{Attempt, Condition, Record, Update};
use shared::error::Error;
use shared::ids::{OrganizationId, UserId};
use shared::keys;
use shared::organizations::scheduled_deletion::{ScheduledDeletion, begin_sweep};
use shared::organizations::{ListedOrganization, Member, Organization, Role};
use shared::tokens::Token;
use shared::values::Name;

use crate::api_keys::build_key;
use crate::records::insert_record;
use crate::{Person, Reply, TestApp};

/// Marks an organization as deleted by changing its row.
pub async fn mark_organization_deleted(app: &TestApp, client: &str) {
    let ctx = app.stack().context();
    let key = keys::organization(&client.parse().unwrap());
    let end = Update::new(key).set("deleted_at", ctx.now()).unwrap().add("version", 1);
    ctx.table.update::<Organization>(end).await.unwrap().unwrap();
}

/// Parses the id of an organization.
pub fn organization_id(client: &str) -> OrganizationId {
    client.parse().unwrap()
}

/// Deletes an organization with its name as confirmation.
pub async fn delete_organization(owner: &Person, client: &str, name: &str) -> Reply {
    owner.delete(&format!("/v1/clients/{client}"), json!({"confirm": name})).await
}

/// Restores a deleted organization.
pub async fn restore_organization(owner: &Person, client: &str) -> Reply {
    owner.post(&format!("/v1/clients/{client}/restore"), json!({})).await
}

/// Begins to sweep a deleted organization now, as the worker does once it can no longer be restored. Makes six
/// calls of DynamoDB.
pub async fn begin_sweep_now(ctx: &Context, client: &str) {
    let key = keys::organization(&organization_id(client));
    let deleted: Organization = ctx.table.get(&key).await.unwrap().unwrap();
    let (client_id, due_at) = (deleted.id, deleted.deletion_due_at.unwrap());
    let scheduled = ScheduledDeletion { client_id, due_at };
    ctx.table.delete(&scheduled.key()).await.unwrap();
    let now = ctx.now();
    let due = Update::new(key).set("deletion_due_at", now).unwrap().add("version", 1);
    // Not if it is restored at this moment.
    let due = due.only_if(Condition::equal("deletion_due_at", due_at).unwrap());
    ctx.table.update::<Organization>(due).await.unwrap().unwrap();
    begin_sweep(ctx, &ScheduledDeletion { due_at: now, ..scheduled }).await.unwrap();
}

/// Lists the items that name an organization, except its log.
pub async fn list_remaining_items(app: &TestApp, client: &str) -> Vec<Value> {
    let mut all = app.dump().await;
    let activity = format!("ACTIVITY#CLIENT#{client}#");
    all.retain(|item| {
        item.to_string().contains(client)
            && !item["pk"]["S"].as_str().unwrap().starts_with(&activity)
    });
    all
}

/// Inserts a key of an organization, as the operation does.
///
/// # Errors
/// `NotFound` if the organization does not exist or is deleted, `Conflict` if it is being changed.
pub async fn insert_key(ctx: &Context, client: &OrganizationId, by: &UserId) -> Attempt<String> {
    let number = u32::from_le_bytes(ctx.random.bytes());
    let (key, plain) = build_key(ctx, client, number, "ci");
    let key = Token { created_by: by.clone(), last_used_at: Some(ctx.now()), ..key };
    let mut tx = ctx.table.transaction();
    tx.put_new(&key).unwrap();
    let alive = Condition::All(vec![Condition::Exists, Condition::Missing("deleted_at")]);
    let count = Update::new(keys::organization(client)).add("keys_made", 1).add("version", 1);
    tx.update(count.only_if(alive), Error::NotFound).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await?;
    Ok(plain.reveal().to_owned())
}

/// Inserts a member without an account. The operation requires the row of the organization but
/// ignores its deletion mark, as faulty code would.
///
/// # Errors
/// `NotFound` if the organization does not exist, `Conflict` if it is being changed.
pub async fn insert_member(ctx: &Context, client: &OrganizationId) -> Attempt<UserId> {
    let user_id = UserId::generate(&*ctx.random);
    let (client_id, joined_at) = (client.clone(), ctx.now());
    let member = Member { client_id, user_id: user_id.clone(), role: Role::Member, joined_at };
    let mut tx = ctx.table.transaction();
    tx.put_new(&member).unwrap();
    tx.put_new(&member.to_listing(joined_at)).unwrap();
    let count = Update::new(keys::organization(client)).add("members", 1).add("version", 1);
    tx.update(count.only_if(Condition::Exists), Error::NotFound).unwrap();
    tx.commit(Log::Nothing("a test's own doing")).await?;
    Ok(user_id)
}

/// Builds the two rows of a membership.
pub fn build_membership(
    client: &OrganizationId,
    user: &UserId,
    since: i64,
) -> (Member, ListedOrganization) {
    let (client_id, user_id, role) = (client.clone(), user.clone(), Role::Owner);
    let since = Timestamp::from_seconds(since);
    let member =
        Member { client_id: client_id.clone(), user_id: user_id.clone(), role, joined_at: since };
    (member, ListedOrganization { user_id, client_id, role, since })
}

/// Inserts an organization with members, as the operations do.
pub async fn insert_organization(
    app: &TestApp,
    owner: &UserId,
    others: &[&UserId],
) -> OrganizationId {
    let id = OrganizationId::generate(&*app.stack().context().random);
    let now = app.now().await;
    let name = Name::parse("Analytical Engines").unwrap();
    let client = Organization::new(id.clone(), name, owner, Timestamp::from_seconds(now));
    let members = 1 + u32::try_from(others.len()).unwrap();
    insert_record(app, &Organization { members, ..client }).await;
    for user in [owner].iter().chain(others) {
        let (member, listed) = build_membership(&id, user, now);
        insert_record(app, &member).await;
        insert_record(app, &listed).await;
    }
    id
}
