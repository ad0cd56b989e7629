//! Whose clients are which.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Client, ListedClient, Member, Role};
use crate::billing::Plan;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, Credential, identify};
use crate::dynamo::keys;
use crate::dynamo::page::{Page, PageRequest, Slice, query};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::requester::Requester;
use crate::tokens::Token;

/// A client as its members see it in their lists.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClientSummary {
    /// Opaque id.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// What it is called.
    #[schema(example = "Acme Corp")]
    name: String,
    /// What the caller is in it.
    role: Role,
    /// What it may use.
    plan: Plan,
    /// Whether it came with the caller's account.
    is_default: bool,
    /// When it was made.
    created_at: Timestamp,
}

impl ClientSummary {
    fn of(client: &Client, role: Role, is_default: bool) -> Self {
        Self {
            id: client.id.to_string(),
            name: client.name.to_string(),
            role,
            plan: client.plan,
            is_default,
            created_at: client.created_at,
        }
    }
}

/// A page of the clients that the caller is a member of, the default one first, the others in the order
/// of joining; for a key, and for a token that is for one client alone, that client:
/// [`Error::InvalidToken`] where that is deleted, [`Error::NoAccess`] where the user has left it.
///
/// Two round trips: who calls is read beside the list, and names live in one place, so that renaming is
/// one write.
pub async fn list(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    page: &PageRequest,
) -> Result<Page<ClientSummary>> {
    let listed = async {
        match credential.user() {
            Some(user) => listed(ctx, user, page).await,
            None => Ok(Page::empty()),
        }
    };
    let (identified, listed) = tokio::join!(identify(ctx, requester, credential, &[]), listed);
    match identified?.0 {
        Caller::Key(client, _) => Ok(one(ClientSummary::of(&client, Role::Member, false))),
        Caller::Token(user, Token { client_id: Some(only), .. }) => {
            let (client, member) = (keys::client(&only), keys::member(&only, &user.id));
            let found = ctx.table.batch_get(&[client.clone(), member.clone()]).await?;
            let (client, member) = (found.read::<Client>(&client)?, found.read::<Member>(&member)?);
            let client = client.filter(Client::exists).ok_or(Error::InvalidToken)?;
            let member = member.ok_or(Error::NoAccess)?;
            let is_default = client.is_default_of(&user.id);
            Ok(one(ClientSummary::of(&client, member.role, is_default)))
        }
        Caller::Session(_) | Caller::Token(..) => summaries(ctx, listed?).await,
    }
}

/// A page of the clients that a user is a member of.
pub(crate) async fn of_user(
    ctx: &Context,
    user: &UserId,
    page: &PageRequest,
) -> Result<Page<ClientSummary>> {
    summaries(ctx, listed(ctx, user, page).await?).await
}

async fn listed(ctx: &Context, user: &UserId, page: &PageRequest) -> Result<Page<ListedClient>> {
    let slice = Slice::of(keys::user(user).pk, keys::LISTED_CLIENTS);
    query(ctx, &slice, page).await
}

/// With names and plans. What is being deleted is left out, so that a page may have fewer entries than
/// it could.
async fn summaries(ctx: &Context, mut page: Page<ListedClient>) -> Result<Page<ClientSummary>> {
    let listed = std::mem::take(&mut page.data);
    let wanted: Vec<_> = listed.iter().map(|entry| keys::client(&entry.client_id)).collect();
    let mut found = ctx.table.batch_get_any(&wanted).await?;
    let mut summaries = Vec::with_capacity(listed.len());
    for (entry, key) in listed.iter().zip(&wanted) {
        if let Some(client) = found.take::<Client>(key)?.filter(Client::exists) {
            let is_default = client.is_default_of(&entry.user_id);
            summaries.push(ClientSummary::of(&client, entry.role, is_default));
        }
    }
    Ok(page.with(summaries))
}

fn one(summary: ClientSummary) -> Page<ClientSummary> {
    Page { data: vec![summary], next_cursor: None }
}
