//! Names and addresses of people, from where they stand alone: their accounts.

use std::collections::{HashMap, HashSet};

use crate::accounts::User;
use crate::context::Context;
use crate::error::Result;
use crate::ids::UserId;
use crate::keys;

/// The accounts of these people, in one round trip. One that was erased is missing.
pub(super) async fn people<'i>(
    ctx: &Context,
    ids: impl Iterator<Item = &'i UserId>,
) -> Result<HashMap<UserId, User>> {
    let ids: HashSet<_> = ids.collect();
    let keys: Vec<_> = ids.iter().map(|id| keys::user(id)).collect();
    let mut found = ctx.table.batch_get_any(&keys).await?;
    let mut people = HashMap::with_capacity(keys.len());
    for (id, key) in ids.into_iter().zip(&keys) {
        if let Some(user) = found.take(key)? {
            people.insert(id.clone(), user);
        }
    }
    Ok(people)
}
