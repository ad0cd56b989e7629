//! Imports an organization from another system, and its members.

use super::{AssignableRole, Member, Organization, Role, put_organization_with_owner};
use crate::activity::{Action, AuditEvent, Log};
use crate::context::Context;
use crate::dynamo::{Attempt, AttemptError, Condition, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::requester::Requester;
use crate::values::Name;

/// An organization of another system.
#[derive(Clone, Debug)]
pub struct ImportedOrganization {
    /// What the other system calls it, such as its id there. The same reference is the same organization.
    pub reference: String,
    /// Name of the organization.
    pub name: Name,
}

/// The outcome of importing an organization or a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembershipImport {
    /// The membership did not exist, and was created.
    Created,
    /// The user is in the organization already.
    Present,
    /// Another user owns the organization.
    OwnedByAnother,
    /// The organization was not imported, or it was deleted since.
    NoOrganization,
    /// The account of the user or of the owner is being deleted.
    AccountDeleted,
}

/// Creates an organization that an imported user owns. It is on the free plan. Importing it again changes nothing.
///
/// # Errors
/// `Unavailable` if DynamoDB does not answer, `Contention` if others keep changing the same items.
pub async fn import_organization(
    ctx: &Context,
    owner: &UserId,
    imported: &ImportedOrganization,
) -> Result<MembershipImport> {
    let attempt = async || -> Attempt<MembershipImport> {
        match find_imported(ctx, &imported.reference).await? {
            Some(organization) if organization.owner_id != *owner => {
                return Ok(MembershipImport::OwnedByAnother);
            }
            Some(organization) if organization.exists() => return Ok(MembershipImport::Present),
            Some(_) => return Ok(MembershipImport::NoOrganization),
            None => {}
        }
        let id = imported_ids(ctx, &imported.reference).await.swap_remove(0);
        let organization = Organization::new(id, imported.name.clone(), owner, ctx.now());
        let mut tx = ctx.table.transaction();
        tx.check(&keys::user(owner), &is_kept(), Error::NotFound)?;
        put_organization_with_owner(&mut tx, &organization)?;
        let (requester, action) = (&Requester::service(), Action::OrganizationCreated);
        let event = AuditEvent::for_organization(ctx, requester, &organization.id, owner, action);
        let event = event.with_detail("name", &imported.name).with_detail("origin", "imported");
        tx.commit(Log::Entries(vec![event])).await?;
        Ok(MembershipImport::Created)
    };
    account_deleted_if_refused(retry_conflicts(ctx, attempt).await)
}

/// Makes an imported user a member of an organization that was imported before. The limit of the plan does not count:
/// the members were there. Importing the membership again changes nothing, also if the role is another one since.
///
/// # Errors
/// `Unavailable` if DynamoDB does not answer, `Contention` if others keep changing the same items.
pub async fn import_membership(
    ctx: &Context,
    user: &UserId,
    reference: &str,
    role: AssignableRole,
) -> Result<MembershipImport> {
    let attempt = async || -> Attempt<MembershipImport> {
        let organization = find_imported(ctx, reference).await?;
        let Some(organization) = organization.filter(Organization::exists) else {
            return Ok(MembershipImport::NoOrganization);
        };
        let role = Role::from(role);
        let member = Member {
            client_id: organization.id.clone(),
            user_id: user.clone(),
            role,
            joined_at: ctx.now(),
        };
        let present: Option<Member> = ctx.table.get(&keys::member(&organization.id, user)).await?;
        if present.is_some() || organization.owner_id == *user {
            return Ok(MembershipImport::Present);
        }
        let (id, owner) = (organization.id.clone(), organization.owner_id.clone());
        let mut tx = ctx.table.transaction();
        tx.put(&member, Condition::Absent, AttemptError::Conflict)?;
        tx.put(&member.to_listing(member.joined_at), Condition::Absent, AttemptError::Conflict)?;
        Organization { members: organization.members + 1, ..organization }.store(&mut tx)?;
        tx.check(&keys::user(user), &is_kept(), Error::NotFound)?;
        // As for an accepted invitation: makes a concurrent deletion of the owner's account decide anew.
        let bump_version = Update::new(keys::user(&owner)).add("version", 1).only_if(is_kept());
        tx.update(bump_version, Error::NotFound)?;
        let (requester, action) = (&Requester::service(), Action::MemberJoined);
        let event = AuditEvent::for_organization(ctx, requester, &id, user, action);
        let event = event.with_target(user).with_detail("role", role.name());
        tx.commit(Log::Entries(vec![event.with_detail("origin", "imported")])).await?;
        Ok(MembershipImport::Created)
    };
    account_deleted_if_refused(retry_conflicts(ctx, attempt).await)
}

/// Returns whether an import has created the organization of a reference.
///
/// # Errors
/// `Unavailable` if DynamoDB does not answer.
pub async fn is_imported(ctx: &Context, reference: &str) -> Result<bool> {
    Ok(find_imported(ctx, reference).await?.is_some())
}

/// Returns whether a user is a member of the organization that an import has created for a reference.
///
/// # Errors
/// `Unavailable` if DynamoDB does not answer.
pub async fn is_imported_member(ctx: &Context, user: &UserId, reference: &str) -> Result<bool> {
    let Some(organization) = find_imported(ctx, reference).await? else { return Ok(false) };
    let member = ctx.table.get::<Member>(&keys::member(&organization.id, user)).await?;
    Ok(member.is_some())
}

/// Returns the condition that an account exists and is not being deleted.
fn is_kept() -> Condition {
    Condition::All(vec![Condition::Exists, Condition::Missing("deletion")])
}

fn account_deleted_if_refused(result: Result<MembershipImport>) -> Result<MembershipImport> {
    match result {
        Err(Error::NotFound) => Ok(MembershipImport::AccountDeleted),
        other => other,
    }
}

/// Reads the organization that an import has created for a reference.
async fn find_imported(ctx: &Context, reference: &str) -> Result<Option<Organization>> {
    let keys: Vec<_> = imported_ids(ctx, reference).await.iter().map(keys::organization).collect();
    let mut found = ctx.table.batch_get(&keys).await?;
    for key in &keys {
        if let Some(organization) = found.take(key)? {
            return Ok(Some(organization));
        }
    }
    Ok(None)
}

/// Returns the ids that an import gives to the organization of a reference, the present one first. They differ by the
/// key that was active.
async fn imported_ids(ctx: &Context, reference: &str) -> Vec<OrganizationId> {
    let keyring = ctx.secrets.keyring().await;
    let bits = keyring.pseudonym_bits(&["imported organization", reference]);
    bits.iter().map(OrganizationId::from_bits).collect()
}
