//! Reads an organization.

use super::OrganizationView;
use super::authorize::{Authorized, authorize};
use super::rights::Right;
use crate::accounts::User;
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::keys;

/// Returns the organization as the caller sees it.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist.
/// * [`Error::NoAccess`] if the caller is not a member.
pub async fn read(ctx: &Context, caller: &Caller, id: &OrganizationId) -> Result<OrganizationView> {
    let (authorized, _) = authorize(ctx, caller, id, Right::View, &[]).await?;
    authorized.view(ctx).await
}

impl Authorized {
    /// Builds the caller's view of the organization. Reads the owner's account unless the caller is
    /// the owner.
    pub(super) async fn view(&self, ctx: &Context) -> Result<OrganizationView> {
        let owner = match self.principal.user().filter(|user| user.id == self.organization.owner_id)
        {
            Some(owner) => owner.clone(),
            None => {
                let owner: Option<User> =
                    ctx.table.get(&keys::user(&self.organization.owner_id)).await?;
                owner.ok_or_else(|| Error::internal("the organization's owner does not exist"))?
            }
        };
        Ok(OrganizationView::new(&self.organization, &owner.email, self.role))
    }
}
