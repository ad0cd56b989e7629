//! Whose clients are which.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Client, ListedClient, Plan, Role};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::page::{Page, PageRequest, Slice, query};
use crate::dynamo::{Found, keys};
use crate::error::{Error, Result};
use crate::ids::UserId;

/// A client as its members see it in their lists.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClientSummary {
    /// Opaque id.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// What it is called.
    #[schema(example = "Acme Corp")]
    name: String,
    /// What the caller may do in it.
    role: Role,
    /// What it may use.
    plan: Plan,
    /// Whether it came with the caller's account.
    is_default: bool,
    /// When it was made.
    created_at: Timestamp,
}

/// DynamoDB's limit for one BatchGetItem.
const MOST_KEYS: usize = 100;

/// A page of the clients that a user is a member of, the default one first, the others in the order
/// of joining. Two round trips: names live in one place, so that renaming is one write.
pub async fn list(ctx: &Context, user: &UserId, page: &PageRequest) -> Result<Page<ClientSummary>> {
    let slice = Slice { pk: keys::user(user).pk, prefix: keys::LISTED_CLIENTS };
    let mut page: Page<ListedClient> = query(ctx, &slice, page).await?;
    let listed = std::mem::take(&mut page.data);
    let wanted: Vec<_> = listed.iter().map(|entry| keys::client(&entry.client_id)).collect();
    let batches = wanted.chunks(MOST_KEYS).map(|keys| ctx.table.batch_get(keys));
    let mut found = Found::default();
    for batch in futures_util::future::try_join_all(batches).await? {
        found.extend(batch);
    }
    let summaries = listed.into_iter().zip(&wanted).map(|(entry, key)| {
        let client: Option<Client> = found.take(key)?;
        let client = client.ok_or_else(|| Error::internal("a listed client doesn't exist"))?;
        Ok(ClientSummary {
            id: client.id.to_string(),
            name: client.name.to_string(),
            role: entry.role,
            plan: client.plan,
            is_default: client.is_default && client.owner_id == *user,
            created_at: client.created_at,
        })
    });
    let summaries = summaries.collect::<Result<_>>()?;
    Ok(page.with(summaries))
}
