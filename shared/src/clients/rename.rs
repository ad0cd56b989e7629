//! Giving an organization another name.

use super::admit::{Admitted, admit};
use super::rights::Right;
use super::{Client, ClientView};
use crate::accounts::Name;
use crate::activity::{Action, Entry};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::retry_conflicts;
use crate::error::Result;
use crate::ids::ClientId;
use crate::requester::Requester;

/// Renames it; a name that it has already changes nothing. [`crate::error::Error::NotFound`],
/// [`crate::error::Error::NoAccess`].
pub async fn rename(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &ClientId,
    name: &Name,
) -> Result<ClientView> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, id, name)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &ClientId,
    name: &Name,
) -> Result<ClientView> {
    let (admitted, _) = admit(ctx, requester, credential, id, Right::Rename, &[]).await?;
    if admitted.client.name == *name {
        return admitted.view(ctx).await;
    }
    let mut tx = ctx.table.transaction();
    admitted.hold(&mut tx)?;
    let before = admitted.client.name.clone();
    let client = Client { name: name.clone(), ..admitted.client.clone() }.store(&mut tx)?;
    let (actor, action) = (admitted.caller.actor(), Action::ClientRenamed);
    let entry = Entry::of_client(ctx, requester, id, actor, action, id);
    tx.commit(entry.detail("before", &before).detail("after", name)).await?;
    Admitted { client, ..admitted }.view(ctx).await
}
