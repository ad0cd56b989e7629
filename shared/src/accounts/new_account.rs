//! Items that are created with every new account.

use super::{EmailGuard, User};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{AttemptError, Tx};
use crate::error::Result;
use crate::organizations::{self, Organization};
use crate::requester::Requester;

/// Adds the items of a new account to `tx`: the guard of its address and its default organization. Returns
/// the entries for the activity log.
///
/// The commit fails with [`AttemptError::Conflict`] if another account has taken the address meanwhile.
pub(super) fn put_new_account_items(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: &User,
) -> Result<Vec<AuditEvent>> {
    tx.put(
        &EmailGuard::for_user(user),
        EmailGuard::free_condition(ctx.now())?,
        AttemptError::Conflict,
    )?;
    let organization =
        Organization::new_default(user.default_client_id.clone(), user, user.created_at);
    organizations::put_organization_with_owner(tx, &organization)?;
    let action = Action::OrganizationCreated;
    let made = AuditEvent::for_organization(ctx, requester, &organization.id, &user.id, action);
    let registered = AuditEvent::for_account(ctx, requester, Action::AccountRegistered, &user.id);
    Ok(vec![registered, made])
}
