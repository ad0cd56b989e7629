//! The common part of calls that create a page at Stripe and change nothing else: portal, top-up, card set-up.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::account::authorize_billing;
use super::customer::ensure;
use crate::activity::Log;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::OrganizationId;
use crate::stripe::{Stripe, StripeId};

/// A request for a page at Stripe.
#[derive(Clone, Copy, Debug)]
pub struct HostedPageRequest<'a> {
    /// The caller, who must be the organization's owner.
    pub caller: &'a Caller,
    /// The organization that the page is for.
    pub organization_id: &'a OrganizationId,
    /// The request's idempotency key.
    pub idempotency_key: &'a IdempotencyKey,
}

/// The beginning of a request for a hosted page.
pub(super) enum Begin<T> {
    /// An earlier request with the same key created the page.
    Replayed(Replayable<T>),
    /// Stripe has to create the page.
    New {
        /// The organization's customer id at Stripe.
        customer: StripeId,
        /// The suffix of Stripe's idempotency key. Retries and repetitions of the request have the same one.
        key: String,
    },
}

impl HostedPageRequest<'_> {
    /// Authorizes the caller, and creates the organization's customer at Stripe if there is none.
    ///
    /// # Errors
    /// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
    /// - `IdempotencyConflict` if the key was used with a different request.
    /// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
    pub(super) async fn begin<T: DeserializeOwned>(
        self,
        ctx: &Context,
        stripe: &Stripe,
    ) -> Result<Begin<T>> {
        let Self { caller, organization_id: organization, idempotency_key } = self;
        retry_conflicts(ctx, || async {
            let authorized = authorize_billing(ctx, caller, organization);
            let (authorized, done) = tokio::join!(authorized, idempotency_key.replay(ctx));
            let (authorized, account) = authorized?;
            if let Some(done) = done? {
                return Ok(Begin::Replayed(done));
            }
            let (_, customer) = ensure(ctx, stripe, &authorized, account, None).await?;
            let key = idempotency_key.fingerprint().unwrap_or_else(|| ctx.random.identifier());
            Ok(Begin::New { customer, key })
        })
        .await
    }

    /// Stores the response, if the request has an idempotency key.
    ///
    /// # Errors
    /// `Conflict` if concurrent requests with the same key keep interfering.
    pub(super) async fn finish<T: Serialize + DeserializeOwned>(
        self,
        ctx: &Context,
        page: T,
    ) -> Result<Replayable<T>> {
        if self.idempotency_key.fingerprint().is_none() {
            return Ok(Replayable::new(page));
        }
        let mut tx = ctx.table.transaction();
        self.idempotency_key.store_response(ctx, &mut tx, &page).await?;
        match tx.commit(Log::Nothing("nothing was bought yet")).await {
            // A concurrent request with the same key was first. Stripe gave both the same page.
            Err(Error::Conflict) => self.idempotency_key.replay(ctx).await?.ok_or(Error::Conflict),
            result => result.map(|()| Replayable::new(page)),
        }
    }
}
