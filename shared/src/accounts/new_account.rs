//! Items that are created with every new account.

use super::{EmailGuard, User};
use crate::activity::{Action, Entry};
use crate::billing::ledger::Balance;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::Tx;
use crate::error::{Error, Result};
use crate::organizations::{self, Organization};
use crate::requester::Requester;

/// Adds the items of a new account to `tx`: the guard of its address, its default organization, and the
/// free credits of that organization. Returns the entries for the activity log.
///
/// The commit fails with [`Error::Conflict`] if another account has taken the address meanwhile.
pub(super) fn put_new_account_items(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: &User,
) -> Result<Vec<Entry>> {
    tx.put(&EmailGuard::for_user(user), EmailGuard::free_condition(ctx.now())?, Error::Conflict)?;
    let organization =
        Organization::default_of(user.default_client_id.clone(), user, user.created_at);
    organizations::put_with_owner(tx, &organization)?;
    let mut ledger = Balance::empty(&organization.id).begin();
    ledger.grant(ctx, Credits::whole(organization.plan.limits().credits), None, "Free credits")?;
    ledger.store(tx)?;
    let action = Action::OrganizationCreated;
    let made = Entry::of_client(ctx, requester, &organization.id, &user.id, action);
    let registered = Entry::of_account(ctx, requester, Action::AccountRegistered, &user.id);
    Ok(vec![registered, made])
}
