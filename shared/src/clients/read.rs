//! Looking at an organization.

use super::ClientView;
use super::admit::{Admitted, admit};
use super::rights::Right;
use crate::accounts::User;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::keys;
use crate::error::{Error, Result};
use crate::ids::ClientId;
use crate::requester::Requester;

/// The organization as the caller sees it. [`Error::NotFound`], [`Error::NoAccess`].
pub async fn read(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &ClientId,
) -> Result<ClientView> {
    let (admitted, _) = admit(ctx, requester, credential, id, Right::See, &[]).await?;
    admitted.view(ctx).await
}

impl Admitted {
    /// The organization as the caller sees it. A read of its owner, unless that is the caller.
    pub(super) async fn view(&self, ctx: &Context) -> Result<ClientView> {
        let owner = match self.caller.user().filter(|user| user.id == self.client.owner_id) {
            Some(owner) => owner.clone(),
            None => {
                let owner: Option<User> = ctx.table.get(&keys::user(&self.client.owner_id)).await?;
                owner.ok_or_else(|| Error::internal("an organization without an owner"))?
            }
        };
        Ok(ClientView::of(&self.client, &owner.email, self.role))
    }
}
