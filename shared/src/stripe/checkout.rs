//! Checkout sessions: Stripe's hosted pages to subscribe, buy credits or save a card.
//! <https://docs.stripe.com/api/checkout/sessions>

use std::collections::{BTreeMap, HashMap};

use miniserde::Deserialize;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionInvoiceCreation, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionSubscriptionData, ExpireCheckoutSession, ListCheckoutSession, ProductData,
    RetrieveCheckoutSession,
};
use stripe_shared::CheckoutSessionMode;
use stripe_types::Currency;

use super::transport::ApiError;
use super::{List, Stripe, StripeId};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;

/// The metadata name of the organization id, in objects at Stripe.
pub const CLIENT_ID: &str = "client_id";

/// The metadata name of the number of credits that a session buys.
pub const CREDITS: &str = "credits";

/// A checkout session, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct StripeCheckoutSession {
    /// Id of the session, `cs_…`.
    pub id: String,
    /// The URL of the page while the session is open.
    pub url: Option<String>,
    /// `payment`, `subscription` or `setup`.
    pub mode: String,
    /// `open`, `complete` or `expired`.
    pub status: Option<String>,
    /// `paid`, `unpaid` or `no_payment_required`.
    pub payment_status: String,
    /// Id of the customer, `cus_…`, once there is one.
    pub customer: Option<String>,
    /// The id of the subscription that it created.
    pub subscription: Option<String>,
    /// Id of the payment intent, `pi_…`, in the mode `payment`.
    pub payment_intent: Option<String>,
    /// The price before taxes and discounts, in the currency's smallest unit.
    pub amount_subtotal: Option<i64>,
    /// The ISO 4217 currency code in lower case.
    pub currency: Option<String>,
    /// The metadata that we wrote.
    pub metadata: Option<BTreeMap<String, String>>,
}

/// Parameters that all checkout sessions have in common.
#[derive(Clone, Copy, Debug)]
pub struct SessionParams<'a> {
    /// The organization that pays.
    pub organization_id: &'a OrganizationId,
    /// The organization's customer id at Stripe.
    pub customer: &'a str,
    /// The redirect URL after payment.
    pub success_url: &'a str,
    /// The redirect URL after cancellation.
    pub cancel_url: &'a str,
}

impl<'a> SessionParams<'a> {
    /// Creates the parameters.
    pub fn new(
        organization_id: &'a OrganizationId,
        customer: &'a StripeId,
        success_url: &'a str,
        cancel_url: &'a str,
    ) -> Self {
        let customer = customer.as_str();
        Self { organization_id, customer, success_url, cancel_url }
    }

    fn metadata(&self) -> HashMap<String, String> {
        HashMap::from([(CLIENT_ID.to_owned(), self.organization_id.to_string())])
    }

    fn session(&self, mode: CheckoutSessionMode) -> CreateCheckoutSession {
        CreateCheckoutSession::new()
            .mode(mode)
            .customer(self.customer)
            .client_reference_id(self.organization_id.as_str())
            .success_url(self.success_url)
            .cancel_url(self.cancel_url)
    }
}

impl Stripe {
    /// Creates a session to subscribe to a price.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn create_subscription_session(
        &self,
        ctx: &Context,
        key: &str,
        params: SessionParams<'_>,
        price: &str,
    ) -> Result<StripeCheckoutSession> {
        let mut item = CreateCheckoutSessionLineItems::new();
        item.price = Some(price.to_owned());
        item.quantity = Some(1);
        let mut data = CreateCheckoutSessionSubscriptionData::new();
        data.metadata = Some(params.metadata());
        let session = params
            .session(CheckoutSessionMode::Subscription)
            .line_items(vec![item])
            .metadata(params.metadata())
            .subscription_data(data);
        self.write(ctx, key, session).await
    }

    /// Creates a session to buy credits. One credit costs one cent.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn create_top_up_session(
        &self,
        ctx: &Context,
        key: &str,
        params: SessionParams<'_>,
        credits: u32,
    ) -> Result<StripeCheckoutSession> {
        let mut price = CreateCheckoutSessionLineItemsPriceData::new(Currency::USD);
        price.product_data = Some(ProductData::new(format!("{credits} AIUS credits")));
        price.unit_amount = Some(i64::from(credits));
        let mut item = CreateCheckoutSessionLineItems::new();
        item.price_data = Some(price);
        item.quantity = Some(1);
        let mut metadata = params.metadata();
        metadata.insert(CREDITS.to_owned(), credits.to_string());
        let mut intent = CreateCheckoutSessionPaymentIntentData::new();
        intent.metadata = Some(params.metadata());
        let session = params
            .session(CheckoutSessionMode::Payment)
            .line_items(vec![item])
            .metadata(metadata)
            .payment_intent_data(intent)
            // A top-up gets an invoice too.
            .invoice_creation(CreateCheckoutSessionInvoiceCreation::new(true));
        self.write(ctx, key, session).await
    }

    /// Creates a session to save a card.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn create_setup_session(
        &self,
        ctx: &Context,
        key: &str,
        params: SessionParams<'_>,
    ) -> Result<StripeCheckoutSession> {
        let session = params
            .session(CheckoutSessionMode::Setup)
            // Stripe requires it for sessions that sell nothing.
            .currency(Currency::USD)
            .metadata(params.metadata());
        self.write(ctx, key, session).await
    }

    /// Reads a session; `None` if it does not exist.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn retrieve_checkout_session(
        &self,
        ctx: &Context,
        id: &str,
    ) -> Result<Option<StripeCheckoutSession>> {
        self.find(ctx, RetrieveCheckoutSession::new(id)).await
    }

    /// Finds the session that a payment was made in.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn find_checkout_session_of_payment(
        &self,
        ctx: &Context,
        intent: &str,
    ) -> Result<Option<StripeCheckoutSession>> {
        let list = ListCheckoutSession::new().payment_intent(intent).limit(1);
        let found: List<StripeCheckoutSession> = self.read(ctx, list).await?;
        Ok(found.data.into_iter().next())
    }

    /// Expires an open session; returns `None` if it has ended already.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn expire_checkout_session(
        &self,
        ctx: &Context,
        id: &str,
    ) -> Result<Option<StripeCheckoutSession>> {
        // Stripe has no error code for an ended session. After any other refusal the caller reads the session.
        let is_over = |_: &ApiError| true;
        let (key, expire) = (format!("expire-{id}"), ExpireCheckoutSession::new(id));
        self.write_unless(ctx, &key, expire, is_over).await
    }
}

impl StripeCheckoutSession {
    /// Returns the URL of the page.
    ///
    /// # Errors
    /// `Internal` if the session is not open.
    pub fn url(&self) -> Result<&str> {
        self.url.as_deref().ok_or_else(|| Error::internal("a session of Stripe's has no page"))
    }
}
