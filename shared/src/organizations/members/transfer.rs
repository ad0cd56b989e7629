//! Handing an organization over: the one way in which its owner changes.

use super::{member, put_role};
use crate::accounts::password::Password;
use crate::accounts::{User, forget_attempt, prove_owner, still_proven};
use crate::activity::{Action, Entry, Log};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, Record, Tx, Update, retry_from};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::organizations::admit::admit;
use crate::organizations::rights::Right;
use crate::organizations::{Member, Organization, OrganizationView, Role, put_with_owner};
use crate::requester::Requester;
use crate::sessions::Authenticated;

/// What a transfer is decided on.
#[derive(Clone, Debug)]
struct Handover {
    organization: Organization,
    owner: Authenticated,
    /// The owner's membership.
    leaving: Member,
    /// The membership of whoever is to own it.
    heir: Member,
    heirs_account: User,
}

/// Makes a member the owner; whoever was becomes an admin. A default organization becomes an ordinary
/// one, and its owner gets a new one.
///
/// Takes the password, or a recent sign-in where there is none: [`Error::Missing`],
/// [`Error::InvalidCredentials`], [`Error::ReauthRequired`], [`Error::RateLimited`] as at signing in.
/// [`Error::NotFound`] of somebody who is no member, or whose account waits to be erased;
/// [`Error::InvalidField`] of the owner.
pub async fn transfer(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &OrganizationId,
    to: &UserId,
    password: Option<Password>,
) -> Result<OrganizationView> {
    let first = look(ctx, requester, credential, id, to).await?;
    prove_owner(ctx, &first.owner, "password", password).await?;
    let proven = &first.owner.user;
    let read = || async {
        let now = look(ctx, requester, credential, id, to).await?;
        still_proven(proven, &now.owner.user)?;
        Ok(now)
    };
    retry_from(ctx, first.clone(), read, |handover| attempt(ctx, requester, handover)).await
}

async fn look(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &OrganizationId,
    to: &UserId,
) -> Result<Handover> {
    let account = keys::user(to);
    let also = [keys::member(id, to), account.clone()];
    let (admitted, found) = admit(ctx, requester, credential, id, Right::Transfer, &also).await?;
    let owner = admitted.caller.into_session()?;
    if owner.user.id == *to {
        return Err(Error::invalid_field("user_id", "is the owner already"));
    }
    let heir = member(&found, id, to)?;
    let heirs_account: Option<User> = found.read(&account)?;
    let heirs_account =
        heirs_account.filter(|user| user.deletion.is_none()).ok_or(Error::NotFound)?;
    let leaving = member(&found, id, &owner.user.id)?;
    Ok(Handover { organization: admitted.organization, owner, leaving, heir, heirs_account })
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    handover: Handover,
) -> Result<OrganizationView> {
    let Handover { organization: before, owner, leaving, heir, heirs_account } = handover;
    let owner = owner.user;
    let mut tx = ctx.table.transaction();
    let after =
        Organization { owner_id: heir.user_id.clone(), is_default: false, ..before.clone() };
    let after = after.store(&mut tx)?;
    put_role(&mut tx, &leaving, Role::Admin, &before, &after)?;
    put_role(&mut tx, &heir, Role::Owner, &before, &after)?;
    // A deletion of that account which is under way has decided on clients that are others': it loses.
    let stays = Condition::All(vec![Condition::Exists, Condition::Missing("deletion")]);
    let noted = Update::new(heirs_account.key()).add("version", 1).only_if(stays);
    tx.update(noted, Error::Conflict)?;
    forget_attempt(ctx, &mut tx, &owner).await?;
    let entry = |organization, action| {
        Entry::of_client(ctx, requester, organization, &owner.id, action, organization)
    };
    let transferred = entry(&before.id, Action::OrganizationTransferred);
    let mut log = vec![transferred.detail("before", &owner.id).detail("after", &heir.user_id)];
    if before.is_default {
        let new = put_new_default(ctx, &mut tx, &owner)?;
        log.push(entry(&new.id, Action::OrganizationCreated));
    } else {
        // The account is still the one that was proven, and works.
        owner.check_unchanged(&mut tx)?;
    }
    tx.commit(Log::Entries(log)).await?;
    Ok(OrganizationView::of(&after, &heirs_account.email, Role::Admin))
}

/// An account can't be without one.
fn put_new_default(ctx: &Context, tx: &mut Tx<'_>, owner: &User) -> Result<Organization> {
    let organization =
        Organization::default_of(OrganizationId::generate(&*ctx.random), owner, ctx.now());
    put_with_owner(tx, &organization)?;
    User { default_client_id: organization.id.clone(), ..owner.clone() }.store(tx)?;
    Ok(organization)
}
