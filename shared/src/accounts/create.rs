//! What comes with every new account, however it was made.

use super::{EmailGuard, User};
use crate::activity::{Action, AuditEvent};
use crate::billing::ledger::Balance;
use crate::context::Context;
use crate::credits::Credits;
use crate::dynamo::Tx;
use crate::error::{Error, Result};
use crate::organizations::{self, Organization};
use crate::requester::Requester;

/// Adds the guard of the address, the default client and its free credits of a new account to the change that stores
/// the account, and says what goes into the log. Somebody who takes the address at the same time
/// makes it an [`Error::Conflict`].
pub(super) fn put_belongings(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    user: &User,
) -> Result<Vec<AuditEvent>> {
    tx.put(&EmailGuard::of(user), EmailGuard::is_free(ctx.now())?, Error::Conflict)?;
    let organization =
        Organization::new_default(user.default_client_id.clone(), user, user.created_at);
    organizations::put_organization_with_owner(tx, &organization)?;
    let mut ledger = Balance::empty(&organization.id).begin_update();
    ledger.grant_quota(
        ctx,
        Credits::whole(organization.plan.limits().credits),
        None,
        "Free credits",
    )?;
    ledger.store(tx)?;
    let action = Action::OrganizationCreated;
    let made = AuditEvent::for_organization(ctx, requester, &organization.id, &user.id, action);
    let registered = AuditEvent::for_account(ctx, requester, Action::AccountRegistered, &user.id);
    Ok(vec![registered, made])
}
