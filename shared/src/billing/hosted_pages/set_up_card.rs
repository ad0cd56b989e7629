//! Creates a checkout session to save a card.

use super::{CheckoutSession, HostedPage, HostedPageRequest, PageParams, ReturnUrl};
use crate::context::Context;
use crate::error::Result;
use crate::idempotency::Replayable;
use crate::stripe::Stripe;

/// Parameters for saving a card.
#[derive(Clone, Debug)]
pub struct CardSetupParams {
    /// The redirect URL after the card was saved.
    pub success: ReturnUrl,
    /// The redirect URL after cancellation.
    pub cancel: ReturnUrl,
}

/// Creates a checkout session to save a card.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `IdempotencyConflict` if the key was used with a different request.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn set_up_card(
    ctx: &Context,
    stripe: &Stripe,
    request: HostedPageRequest<'_>,
    params: &CardSetupParams,
) -> Result<Replayable<CheckoutSession>> {
    request.create(ctx, stripe, params).await
}

impl HostedPage for CardSetupParams {
    type Response = CheckoutSession;

    const KEY_PREFIX: &'static str = "setup";

    async fn create(
        &self,
        ctx: &Context,
        stripe: &Stripe,
        params: PageParams<'_>,
    ) -> Result<CheckoutSession> {
        let session = params.session(&self.success, &self.cancel);
        CheckoutSession::new(&stripe.create_setup_session(ctx, params.key, session).await?)
    }
}
