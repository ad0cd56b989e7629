//! The customer portal: Stripe's hosted page to manage plan, cards and invoices.
//! <https://docs.stripe.com/api/customer_portal/sessions>

use miniserde::Deserialize;
use stripe_billing::billing_portal_session::CreateBillingPortalSession;

use super::Stripe;
use crate::context::Context;
use crate::error::Result;

/// A portal session, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct StripePortalSession {
    /// The URL of the page. It is valid for a few minutes and needs no other credential.
    pub url: String,
}

impl Stripe {
    /// Creates a portal session for a customer, with a link back to `return_url`.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn create_portal_session(
        &self,
        ctx: &Context,
        key: &str,
        customer: &str,
        return_url: &str,
    ) -> Result<StripePortalSession> {
        let portal = CreateBillingPortalSession::new().customer(customer).return_url(return_url);
        self.write(ctx, key, portal).await
    }
}
