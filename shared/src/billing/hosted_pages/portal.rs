//! Creates a session of the customer portal, where the owner manages cards, addresses and invoices.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{HostedPage, HostedPageRequest, PageParams, ReturnUrl};
use crate::context::Context;
use crate::error::Result;
use crate::idempotency::Replayable;
use crate::stripe::Stripe;

/// A portal session in an API response.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PortalSession {
    /// The URL of the page. It is valid for a few minutes and needs no other credential.
    #[schema(example = "https://billing.stripe.com/p/session/test_a1b2c3")]
    pub url: String,
}

/// Creates a session of the customer portal, with a link back to `return_url`.
///
/// # Errors
/// - `NotFound` if the organization does not exist, `NoAccess` if the caller is not its owner.
/// - `IdempotencyConflict` if the key was used with a different request.
/// - `RateLimited` if the organization has made too many calls that reach Stripe.
/// - `BillingNotConfigured` or `Unavailable` if Stripe cannot be reached.
pub async fn create_portal_session(
    ctx: &Context,
    stripe: &Stripe,
    request: HostedPageRequest<'_>,
    return_url: &ReturnUrl,
) -> Result<Replayable<PortalSession>> {
    request.create(ctx, stripe, &PortalPage { return_url }).await
}

struct PortalPage<'a> {
    return_url: &'a ReturnUrl,
}

impl HostedPage for PortalPage<'_> {
    type Response = PortalSession;

    const KEY_PREFIX: &'static str = "portal";

    async fn create(
        &self,
        ctx: &Context,
        stripe: &Stripe,
        params: PageParams<'_>,
    ) -> Result<PortalSession> {
        let PageParams { customer, key, .. } = params;
        let (customer, return_url) = (customer.as_str(), self.return_url.as_str());
        let session = stripe.create_portal_session(ctx, key, customer, return_url).await?;
        Ok(PortalSession { url: session.url })
    }
}
