//! Leaving an organization.

use super::{member, not_the_owner};
use crate::activity::{Action, Entry};
use crate::clients::admit::admit;
use crate::clients::end_membership;
use crate::clients::rights::Right;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::ids::ClientId;
use crate::requester::Requester;

/// The caller belongs to the organization no more. [`Error::OwnsClients`] for its owner, who hands it
/// over or deletes it; [`Error::NoAccess`] for a key of it, which is nobody.
pub async fn leave(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &ClientId,
) -> Result<()> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, id)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &ClientId,
) -> Result<()> {
    let (admitted, found) = admit(ctx, requester, credential, id, Right::Leave, &[]).await?;
    let user = &admitted.caller.user().ok_or(Error::NoAccess)?.id;
    let member = member(&found, id, user)?;
    not_the_owner(&admitted, &member)?;
    let mut tx = ctx.table.transaction();
    end_membership(&mut tx, admitted.client.clone(), &member)?;
    let entry = Entry::of_client(ctx, requester, id, user, Action::MemberLeft, user);
    tx.commit(entry.detail("role", member.role.name())).await
}
