//! What follows a change at Stripe: our state is brought up to date, and the owner's request is logged.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::live_subscription::{LiveSubscription, Owner};
use crate::activity::{Action, AuditEvent};
use crate::billing::Plan;
use crate::billing::billing_state::BillingState;
use crate::billing::read_subscription::SubscriptionView;
use crate::billing::reconcile::subscription::SubscriptionRef;
use crate::billing::reconcile::{invoice, subscription};
use crate::context::Context;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::organizations::authorize::Authorized;
use crate::requester::Requester;
use crate::stripe::{Stripe, StripeId};

/// Applies the subscription's state at Stripe to ours, and grants what a paid invoice bought, without waiting for the
/// webhooks. Returns the state afterwards.
///
/// # Errors
/// The errors of [`invoice::reconcile`].
pub(super) async fn reconcile_change(
    ctx: &Context,
    stripe: &Stripe,
    requester: &Requester,
    changed: &LiveSubscription,
    invoice: Option<&StripeId>,
) -> Result<BillingState> {
    let LiveSubscription { organization_id, customer, .. } = changed;
    match invoice {
        Some(invoice) => invoice::reconcile(ctx, stripe, requester, invoice, false).await?,
        None => {
            let changed = SubscriptionRef { organization_id, customer, id: &changed.id };
            subscription::reconcile(ctx, stripe, requester, changed).await?;
        }
    }
    BillingState::read(ctx, organization_id).await
}

/// Brings our state up to date after an owner canceled or resumed a subscription, and logs the request. Returns the
/// subscription afterwards.
///
/// # Errors
/// `NotFound` if the organization is deleted meanwhile; otherwise the errors of [`reconcile_change`] and
/// [`ChangeRecord::commit`].
pub(super) async fn finish(
    ctx: &Context,
    stripe: &Stripe,
    owner: &Owner<'_>,
    changed: &LiveSubscription,
    action: Action,
) -> Result<SubscriptionView> {
    let requester = &owner.caller.requester;
    let state = reconcile_change(ctx, stripe, requester, changed, None).await?;
    let organization = state.organization.as_ref().ok_or(Error::NotFound)?;
    let view = SubscriptionView::new(organization, &state);
    let record = ChangeRecord {
        requester,
        owner: &owner.authorized,
        action,
        subscription: &changed.id,
        plan: changed.plan,
    };
    // The call has no idempotency key, because repeating it changes nothing.
    let done = record.commit(ctx, &IdempotencyKey::none(), view).await?;
    Ok(done.response)
}

/// The log entry of a request to change a subscription.
pub(super) struct ChangeRecord<'a> {
    pub(super) requester: &'a Requester,
    pub(super) owner: &'a Authorized,
    pub(super) action: Action,
    pub(super) subscription: &'a StripeId,
    /// The plan that was requested, or that the subscription has.
    pub(super) plan: Plan,
}

impl ChangeRecord<'_> {
    /// Commits the log entry and the response for the idempotency key. Of two requests with the same key, both get the
    /// response that was stored first.
    ///
    /// # Errors
    /// `IdempotencyConflict` if the key was used with a different request, `Contention` if the organization is
    /// deleted meanwhile, `Unavailable` if DynamoDB cannot be reached.
    pub(super) async fn commit<T: Serialize + DeserializeOwned + Clone>(
        &self,
        ctx: &Context,
        idempotency_key: &IdempotencyKey,
        response: T,
    ) -> Result<Replayable<T>> {
        let Self { requester, owner, action, subscription, plan } = *self;
        let id = &owner.organization.id;
        retry_conflicts(ctx, || async {
            if let Some(stored) = idempotency_key.replay(ctx).await? {
                return Ok(stored);
            }
            let mut tx = ctx.table.transaction();
            owner.organization.require_exists(&mut tx)?;
            idempotency_key.store_response(ctx, &mut tx, &response).await?;
            let actor = owner.principal.actor();
            let event = AuditEvent::for_organization(ctx, requester, id, actor, action);
            tx.commit(event.with_target(subscription).with_detail("plan", plan.name())).await?;
            Ok(Replayable::new(response.clone()))
        })
        .await
    }
}
