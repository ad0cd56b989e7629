//! What all calls have in common that send somebody to Stripe and change nothing here.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::account::managed;
use super::customer::ensure;
use crate::activity::Log;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::ids::OrganizationId;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Whose errand it is.
#[derive(Clone, Copy, Debug)]
pub struct Errand<'a> {
    /// From where.
    pub requester: &'a Requester,
    /// Whose credential.
    pub credential: &'a Credential,
    /// For which organization.
    pub organization_id: &'a OrganizationId,
    /// What makes the call the same when it comes again.
    pub once: &'a Once,
}

/// How far an errand is.
pub(super) enum Begun<T> {
    /// It was done before.
    Before(Done<T>),
    /// Stripe is to be asked for a page.
    At {
        /// For that customer.
        customer: StripeId,
        /// With a key made of this: the same for one call however often it is tried, and for the same call
        /// sent again.
        key: String,
    },
}

impl Errand<'_> {
    /// Admits the caller, and makes the organization a customer. Errors as of
    /// [`super::checkout::checkout`].
    pub(super) async fn begin<T: DeserializeOwned>(
        self,
        ctx: &Context,
        stripe: &Stripe,
    ) -> Result<Begun<T>> {
        let Self { requester, credential, organization_id: organization, once } = self;
        retry_conflicts(ctx, || async {
            let managed = managed(ctx, requester, credential, organization);
            let (managed, done) = tokio::join!(managed, once.replay(ctx));
            let (admitted, account) = managed?;
            if let Some(done) = done? {
                return Ok(Begun::Before(done));
            }
            let (_, customer) = ensure(ctx, stripe, &admitted, account, None).await?;
            let key = once.name().unwrap_or_else(|| ctx.random.identifier());
            Ok(Begun::At { customer, key })
        })
        .await
    }

    /// Remembers the answer, if the call may come again.
    pub(super) async fn finish<T: Serialize + DeserializeOwned>(
        self,
        ctx: &Context,
        page: T,
    ) -> Result<Done<T>> {
        if self.once.name().is_none() {
            return Ok(Done::now(page));
        }
        let mut tx = ctx.table.transaction();
        self.once.remember(ctx, &mut tx, &page).await?;
        match tx.commit(Log::Nothing("nothing was bought yet")).await {
            // The same call at the same time: Stripe gave both the same page.
            Err(Error::Conflict) => self.once.replay(ctx).await?.ok_or(Error::Conflict),
            result => result.map(|()| Done::now(page)),
        }
    }
}
