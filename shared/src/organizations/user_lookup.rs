//! Loads user accounts by id, for views that show names and addresses.

use std::collections::{HashMap, HashSet};

use super::Organization;
use crate::accounts::User;
use crate::context::Context;
use crate::error::Result;
use crate::ids::UserId;
use crate::keys;

/// Loads these accounts in one round trip. Erased accounts are missing from the result.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub(crate) async fn load_users<'i>(
    ctx: &Context,
    ids: impl Iterator<Item = &'i UserId>,
) -> Result<HashMap<UserId, User>> {
    let ids: HashSet<_> = ids.collect();
    let keys: Vec<_> = ids.iter().map(|id| keys::user(id)).collect();
    let mut found = ctx.table.batch_get_any(&keys).await?;
    let mut users = HashMap::with_capacity(keys.len());
    for (id, key) in ids.into_iter().zip(&keys) {
        if let Some(user) = found.take(key)? {
            users.insert(id.clone(), user);
        }
    }
    Ok(users)
}

/// Returns the recipients of a mail about a change: the organization's owner and the `concerned` user, each once and if
/// the address is verified. Takes no read if `actor`, who made the change, is the owner.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
pub(crate) async fn load_notice_recipients(
    ctx: &Context,
    organization: &Organization,
    actor: &User,
    concerned: &User,
) -> Result<Vec<User>> {
    let owner = load_owner(ctx, organization, actor).await?;
    let owner = owner.filter(|owner| owner.id != concerned.id);
    let recipients = owner.into_iter().chain([concerned.clone()]);
    Ok(recipients.filter(|user| user.email_verified).collect())
}

/// Loads the account of an organization's owner. Takes no read if `known` is the owner.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table cannot be read.
async fn load_owner(
    ctx: &Context,
    organization: &Organization,
    known: &User,
) -> Result<Option<User>> {
    if organization.owner_id == known.id {
        return Ok(Some(known.clone()));
    }
    ctx.table.get(&keys::user(&organization.owner_id)).await
}
