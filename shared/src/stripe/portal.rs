//! Stripe's page on which people manage plan, cards and invoices.
//! <https://docs.stripe.com/api/customer_portal/sessions>

use miniserde::Deserialize;
use stripe_billing::billing_portal_session::CreateBillingPortalSession;

use super::Stripe;
use crate::context::Context;
use crate::error::Result;

/// A visit to that page.
#[derive(Debug, Deserialize)]
pub struct Portal {
    /// Where it is; for a short while, and for whoever has it.
    pub url: String,
}

impl Stripe {
    /// A page for that customer, from which a link leads back.
    pub async fn portal(
        &self,
        ctx: &Context,
        key: &str,
        customer: &str,
        return_url: &str,
    ) -> Result<Portal> {
        let portal = CreateBillingPortalSession::new().customer(customer).return_url(return_url);
        self.change(ctx, key, portal).await
    }
}
