//! Creates an organization.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Organization, put_organization_with_owner};
use crate::activity::{Action, AuditEvent};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{Attempt, AttemptError, Condition, Record, retry_conflicts};
use crate::error::Result;
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::OrganizationId;
use crate::throttle::Throttle;
use crate::values::Name;

/// Limits the organizations that one account creates to sixty an hour. The number is our own choice: listing
/// an account's organizations and erasing the account both visit all of them.
pub const CREATE_THROTTLE: Throttle =
    Throttle { operation: "create-client", limit: 60, window: Duration::from_secs(60 * 60) };

/// An organization that was just created.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NewOrganization)]
pub struct CreatedOrganization {
    /// The id of the organization, an opaque string.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub id: String,
    /// The name of the organization.
    #[schema(example = "Acme Corp")]
    pub name: String,
    /// The email address of the owner, who is the caller.
    #[schema(example = "dev@example.com")]
    pub owner_id: String,
    /// The time at which the organization was created.
    pub created_at: Timestamp,
}

/// Creates an organization on the free plan, owned by the caller.
///
/// # Errors
///
/// * [`Error::NoAccess`] for an API key, and for a token that is limited to one organization.
/// * [`Error::RateLimited`] if the user has created too many organizations.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    name: &Name,
) -> Result<Replayable<CreatedOrganization>> {
    retry_conflicts(ctx, || attempt(ctx, caller, idempotency_key, name)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    name: &Name,
) -> Attempt<Replayable<CreatedOrganization>> {
    let (identified, done) =
        tokio::join!(authenticate(ctx, caller, &[]), idempotency_key.replay(ctx));
    let owner = identified?.0.into_person()?;
    if let Some(done) = done? {
        return Ok(done);
    }
    let id = OrganizationId::generate(&*ctx.random);
    let organization = Organization::new(id, name.clone(), &owner.id, ctx.now());
    let mut tx = ctx.table.transaction();
    // An organization whose owner's account is being erased would be left without an owner.
    let not_deleting = Condition::All(vec![Condition::Exists, Condition::Missing("deletion")]);
    tx.check(&owner.key(), &not_deleting, AttemptError::Conflict)?;
    put_organization_with_owner(&mut tx, &organization)?;
    CREATE_THROTTLE.count_in_transaction(ctx, &mut tx, owner.id.as_str()).await?;
    let created = CreatedOrganization {
        id: organization.id.to_string(),
        name: organization.name.to_string(),
        owner_id: owner.email.to_string(),
        created_at: organization.created_at,
    };
    idempotency_key.store_response(ctx, &mut tx, &created).await?;
    let action = Action::OrganizationCreated;
    let event =
        AuditEvent::for_organization(ctx, &caller.requester, &organization.id, &owner.id, action);
    tx.commit(event.with_detail("name", name)).await?;
    Ok(Replayable::new(created))
}
