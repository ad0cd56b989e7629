//! Creates a checkout session to buy credits.

use super::{CheckoutSession, HostedPage, HostedPageRequest, PageParams, ReturnUrl};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::idempotency::Replayable;
use crate::stripe::Stripe;

/// The minimum number of credits of one top-up.
pub const MIN_TOP_UP_CREDITS: u32 = 500;

/// The maximum number of credits of one top-up.
pub const MAX_TOP_UP_CREDITS: u32 = 1_000_000;

/// Parameters for buying credits.
#[derive(Clone, Debug)]
pub struct TopUpParams {
    /// The number of whole credits.
    pub credits: u32,
    /// The redirect URL after payment.
    pub success: ReturnUrl,
    /// The redirect URL after cancellation.
    pub cancel: ReturnUrl,
}

impl TopUpParams {
    /// Checks the number of credits of a request.
    ///
    /// # Errors
    /// `InvalidField` if it is less than [`MIN_TOP_UP_CREDITS`] or more than [`MAX_TOP_UP_CREDITS`].
    pub fn parse_credits(number: i64) -> Result<u32> {
        let range = MIN_TOP_UP_CREDITS..=MAX_TOP_UP_CREDITS;
        let credits = u32::try_from(number).ok().filter(|credits| range.contains(credits));
        credits.ok_or_else(|| {
            let why = format!("must be between {MIN_TOP_UP_CREDITS} and {MAX_TOP_UP_CREDITS}");
            Error::invalid_field("credits", why)
        })
    }
}

/// Creates a checkout session to buy credits.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `IdempotencyConflict` if the key was used with a different request.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn create_top_up(
    ctx: &Context,
    stripe: &Stripe,
    request: HostedPageRequest<'_>,
    params: &TopUpParams,
) -> Result<Replayable<CheckoutSession>> {
    request.create(ctx, stripe, params).await
}

impl HostedPage for TopUpParams {
    type Response = CheckoutSession;

    const KEY_PREFIX: &'static str = "topup";

    async fn create(
        &self,
        ctx: &Context,
        stripe: &Stripe,
        params: PageParams<'_>,
    ) -> Result<CheckoutSession> {
        let session = params.session(&self.success, &self.cancel);
        CheckoutSession::new(
            &stripe.create_top_up_session(ctx, params.key, session, self.credits).await?,
        )
    }
}
