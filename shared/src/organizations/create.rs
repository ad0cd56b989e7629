//! Making an organization.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Organization, put_with_owner};
use crate::activity::{Action, Entry};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Credential, identify};
use crate::dynamo::{Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::ids::OrganizationId;
use crate::requester::Requester;
use crate::throttle;
use crate::values::Name;

/// An organization that was just made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NewClient)]
pub struct Created {
    /// Opaque id.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    id: String,
    /// What it is called.
    #[schema(example = "Acme Corp")]
    name: String,
    /// The address of its owner: the caller's.
    #[schema(example = "dev@example.com")]
    owner_id: String,
    /// When it was made.
    created_at: Timestamp,
}

/// Makes an organization that the caller owns, on the free plan. [`Error::NoAccess`] for a key, and for a
/// token that is for one organization alone.
pub async fn create(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    once: &Once,
    name: &Name,
) -> Result<Done<Created>> {
    retry_conflicts(ctx, || attempt(ctx, requester, credential, once, name)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    once: &Once,
    name: &Name,
) -> Result<Done<Created>> {
    let (identified, done) =
        tokio::join!(identify(ctx, requester, credential, &[]), once.replay(ctx));
    let owner = identified?.0.into_person()?;
    if let Some(done) = done? {
        return Ok(done);
    }
    let id = OrganizationId::generate(&*ctx.random);
    let organization = Organization::new(id, name.clone(), &owner.id, ctx.now());
    let mut tx = ctx.table.transaction();
    // What an account that is being erased owned would be nobody's.
    let stays = Condition::All(vec![Condition::Exists, Condition::Missing("deletion")]);
    tx.check(&owner.key(), &stays, Error::Conflict)?;
    put_with_owner(&mut tx, &organization)?;
    throttle::CLIENTS.count_in(ctx, &mut tx, owner.id.as_str()).await?;
    let created = Created {
        id: organization.id.to_string(),
        name: organization.name.to_string(),
        owner_id: owner.email.to_string(),
        created_at: organization.created_at,
    };
    once.remember(ctx, &mut tx, &created).await?;
    let action = Action::OrganizationCreated;
    let entry =
        Entry::of_client(ctx, requester, &organization.id, &owner.id, action, &organization.id);
    tx.commit(entry.detail("name", name)).await?;
    Ok(Done::now(created))
}
