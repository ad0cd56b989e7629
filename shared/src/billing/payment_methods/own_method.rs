//! A payment method of an organization that an owner changes.

use crate::activity::{Action, AuditEvent};
use crate::billing::stored_subscription::StoredSubscription;
use crate::billing::stripe_account::{StripeAccount, authorize_billing};
use crate::billing::stripe_throttle::count_stripe_call;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::authorize::Authorized;
use crate::stripe::payment_methods::StripePaymentMethod;
use crate::stripe::{Stripe, StripeId};

/// A payment method of an organization, and the owner who changes it.
pub(super) struct OwnMethod<'a> {
    caller: &'a Caller,
    owner: Authorized,
    /// The organization's account at Stripe.
    pub(super) account: StripeAccount,
    /// The organization's customer id at Stripe.
    pub(super) customer: StripeId,
    /// The id of the payment method.
    pub(super) id: &'a StripeId,
    /// The payment method, as Stripe returns it.
    pub(super) found: StripePaymentMethod,
}

impl<'a> OwnMethod<'a> {
    /// Authorizes the caller to manage billing, counts the request, and reads the payment method from Stripe.
    ///
    /// # Errors
    /// - `NotFound` if the organization does not exist or has no such payment method, `NoAccess` if the caller is not
    ///   its owner.
    /// - `RateLimited` if the organization has made too many calls that reach Stripe.
    /// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
    pub(super) async fn find(
        ctx: &Context,
        stripe: &Stripe,
        caller: &'a Caller,
        organization_id: &OrganizationId,
        id: &'a StripeId,
    ) -> Result<Self> {
        let (owner, account) = authorize_billing(ctx, caller, organization_id).await?;
        stripe.require_configured(ctx).await?;
        let customer = account.customer.clone().ok_or(Error::NotFound)?;
        count_stripe_call(ctx, organization_id).await?;
        let found = stripe.retrieve_payment_method(ctx, id.as_str()).await?;
        let is_own =
            |method: &StripePaymentMethod| method.customer.as_deref() == Some(customer.as_str());
        let found = found.filter(is_own).ok_or(Error::NotFound)?;
        Ok(Self { caller, owner, account, customer, id, found })
    }

    /// Returns the subscription, if it may still be charged.
    pub(super) fn live_subscription(&self) -> Option<&StoredSubscription> {
        self.account.subscription.as_ref().filter(|stored| stored.status.is_live())
    }

    /// Logs what the owner did with the payment method.
    ///
    /// # Errors
    /// `Contention` if the organization is deleted meanwhile, `Unavailable` if DynamoDB cannot be reached.
    pub(super) async fn record(&self, ctx: &Context, action: Action) -> Result<()> {
        let organization = &self.owner.organization;
        let last4 = self.found.card.as_ref().map(|card| card.last4.clone()).unwrap_or_default();
        retry_conflicts(ctx, || async {
            let mut tx = ctx.table.transaction();
            organization.require_exists(&mut tx)?;
            let (requester, actor) = (&self.caller.requester, self.owner.principal.actor());
            let event =
                AuditEvent::for_organization(ctx, requester, &organization.id, actor, action);
            let event = event.with_target(self.id).with_detail("type", &self.found.kind);
            tx.commit(event.with_detail("last4", &last4)).await
        })
        .await
    }
}

/// Returns the id of the payment method that invoices are paid with. A subscription's own payment method takes
/// precedence over the customer's default.
/// <https://docs.stripe.com/api/subscriptions/object#subscription_object-default_payment_method>
///
/// # Errors
/// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
/// refuses the call.
pub(super) async fn default_payment_method(
    ctx: &Context,
    stripe: &Stripe,
    customer: &str,
    subscription: Option<&StoredSubscription>,
) -> Result<Option<String>> {
    let live = subscription.filter(|subscription| subscription.status.is_live());
    let (subscription, payer) = tokio::try_join!(
        async {
            match live {
                Some(live) => stripe.retrieve_subscription(ctx, live.id.as_str()).await,
                None => Ok(None),
            }
        },
        stripe.retrieve_customer(ctx, customer),
    )?;
    let settings = payer.and_then(|payer| payer.invoice_settings);
    let own = subscription.and_then(|subscription| subscription.default_payment_method);
    Ok(own.or(settings.and_then(|settings| settings.default_payment_method)))
}
