//! Transfers an organization to another owner.

use super::{member, put_role};
use crate::accounts::{
    CheckedProof, IdentityProof, User, clear_failed_attempts, reauthenticate, require_same_password,
};
use crate::activity::{Action, AuditEvent, Log};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Tx, Update, retry_from};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::mail::{self, Message, Recipient};
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;
use crate::organizations::{
    Member, Organization, OrganizationView, Role, put_organization_with_owner,
};
use crate::requester::Requester;
use crate::sessions::AuthenticatedSession;
use crate::values::Name;

/// The rows that a transfer depends on.
#[derive(Clone, Debug)]
struct TransferState {
    organization: Organization,
    owner: AuthenticatedSession,
    old_owner: Member,
    new_owner: Member,
    new_owner_account: User,
}

/// Makes a member the owner, and the present owner an admin. A default organization becomes an
/// ordinary one, and its former owner gets a new default organization. Mails report the transfer to both.
///
/// The owner must confirm with the password, or with a recent proof of the session if the account has
/// no password, and with a code if the account has a second factor.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist, or the user is not a member or is
///   deleting their account.
/// * [`Error::NoAccess`] if the caller does not own the organization.
/// * [`Error::InvalidField`] if the user is the owner already.
/// * [`Error::Missing`] or [`Error::InvalidCredentials`] if the password is missing or wrong.
/// * [`Error::Missing`] or [`Error::InvalidCode`] if the account has a second factor and its code is
///   missing or wrong.
/// * [`Error::ReauthRequired`] if the account has no password and the session's proof is not recent.
/// * [`Error::RateLimited`] after too many wrong passwords or codes.
pub async fn transfer(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    to: &UserId,
    proof: IdentityProof<'_>,
) -> Result<OrganizationView> {
    let first = load_state(ctx, caller, id, to).await?;
    let proof = &reauthenticate(ctx, &first.owner, "password", proof).await?;
    let proven = &first.owner.user;
    let read = || async {
        let now = load_state(ctx, caller, id, to).await?;
        require_same_password(proven, &now.owner.user)?;
        Attempt::Ok(now)
    };
    retry_from(ctx, first.clone(), read, |state| attempt(ctx, &caller.requester, proof, state))
        .await
}

async fn load_state(
    ctx: &Context,
    caller: &Caller,
    id: &OrganizationId,
    to: &UserId,
) -> Result<TransferState> {
    let account = keys::user(to);
    let extra_keys = [keys::member(id, to), account.clone()];
    let (authorized, found) = authorize(ctx, caller, id, Right::Transfer, &extra_keys).await?;
    let owner = authorized.principal.into_session()?;
    if owner.user.id == *to {
        return Err(Error::invalid_field("user_id", "must not be the present owner"));
    }
    let new_owner = member(&found, id, to)?;
    let new_owner_account: Option<User> = found.read(&account)?;
    let new_owner_account =
        new_owner_account.filter(|user| user.deletion.is_none()).ok_or(Error::NotFound)?;
    let old_owner = member(&found, id, &owner.user.id)?;
    Ok(TransferState {
        organization: authorized.organization,
        owner,
        old_owner,
        new_owner,
        new_owner_account,
    })
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    proof: &CheckedProof,
    state: TransferState,
) -> Attempt<OrganizationView> {
    let TransferState { organization: before, owner, old_owner, new_owner, new_owner_account } =
        state;
    let mut tx = ctx.table.transaction();
    let owner = proof.consume(ctx, &mut tx, requester, owner.user).await?;
    let after =
        Organization { owner_id: new_owner.user_id.clone(), is_default: false, ..before.clone() };
    let after = after.store(&mut tx)?;
    put_role(&mut tx, &old_owner, Role::Admin, &before, &after)?;
    put_role(&mut tx, &new_owner, Role::Owner, &before, &after)?;
    // Bumping the version makes a concurrent deletion of that account fail, because it decided that
    // the organization belongs to another user.
    let not_deleting = Condition::All(vec![Condition::Exists, Condition::Missing("deletion")]);
    let bump_version = Update::new(new_owner_account.key()).add("version", 1).only_if(not_deleting);
    tx.update(bump_version, AttemptError::Conflict)?;
    clear_failed_attempts(ctx, &mut tx, &owner).await?;
    queue_notices(ctx, &mut tx, requester, &before.name, [&owner, &new_owner_account]).await?;
    let event = |organization, action| {
        AuditEvent::for_organization(ctx, requester, organization, &owner.id, action)
    };
    let transferred = event(&before.id, Action::OrganizationTransferred);
    let mut log =
        vec![transferred.with_detail("before", &owner.id).with_detail("after", &new_owner.user_id)];
    if before.is_default {
        let new = put_new_default(ctx, &mut tx, &owner)?;
        log.push(event(&new.id, Action::OrganizationCreated));
    } else {
        // The account must still be the one that was confirmed, and not be due for deletion.
        owner.clone().store(&mut tx)?;
    }
    tx.commit(Log::Entries(log)).await?;
    Ok(OrganizationView::new(&after, &new_owner_account.email, Role::Admin))
}

/// Queues the mails about the transfer in `tx`, to the former and to the new owner.
async fn queue_notices(
    ctx: &Context,
    tx: &mut Tx<'_>,
    requester: &Requester,
    organization: &Name,
    [owner, new_owner]: [&User; 2],
) -> Result<()> {
    let keyring = ctx.secrets.keyring().await;
    let [to_owner, to_new_owner] =
        Message::ownership_transferred(ctx, requester, organization, owner, new_owner);
    mail::queue(ctx, &keyring, tx, Recipient::from(owner), to_owner)?;
    mail::queue(ctx, &keyring, tx, Recipient::from(new_owner), to_new_owner)
}

/// Gives the former owner a new default organization, because every account has one.
fn put_new_default(ctx: &Context, tx: &mut Tx<'_>, owner: &User) -> Result<Organization> {
    let organization =
        Organization::new_default(OrganizationId::generate(&*ctx.random), owner, ctx.now());
    put_organization_with_owner(tx, &organization)?;
    User { default_client_id: organization.id.clone(), ..owner.clone() }.store(tx)?;
    Ok(organization)
}
