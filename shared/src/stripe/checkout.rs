//! Pages of Stripe's to pay on, or to leave a card.
//! <https://docs.stripe.com/api/checkout/sessions>

use std::collections::{BTreeMap, HashMap};

use ::stripe::ApiErrors;
use miniserde::Deserialize;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionInvoiceCreation, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionSubscriptionData, ExpireCheckoutSession, ListCheckoutSession, ProductData,
    RetrieveCheckoutSession,
};
use stripe_shared::CheckoutSessionMode;
use stripe_types::Currency;

use super::{List, Stripe, StripeId};
use crate::billing::destination::Destination;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;

/// The name that says, in the metadata of things at Stripe, which organization they are of.
pub const CLIENT_ID: &str = "client_id";

/// The name that says, in the metadata of a session, how many credits it buys.
pub const CREDITS: &str = "credits";

/// A visit to Stripe's page.
#[derive(Debug, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// Where the page is, while it is open.
    pub url: Option<String>,
    /// `payment`, `subscription` or `setup`.
    pub mode: String,
    /// `open`, `complete` or `expired`.
    pub status: Option<String>,
    /// `paid`, `unpaid` or `no_payment_required`.
    pub payment_status: String,
    /// Who visits.
    pub customer: Option<String>,
    /// What they subscribed to.
    pub subscription: Option<String>,
    /// What they paid with.
    pub payment_intent: Option<String>,
    /// What that costs before taxes and the like, in the currency's smallest unit.
    pub amount_subtotal: Option<i64>,
    /// Three letters, in lower case.
    pub currency: Option<String>,
    /// What we wrote into it.
    pub metadata: Option<BTreeMap<String, String>>,
}

/// For whom a page is made, and where it leads.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The organization.
    pub client: &'a OrganizationId,
    /// The same at Stripe.
    pub customer: &'a str,
    /// Where people come to who are done.
    pub success_url: &'a str,
    /// Where people come to who turn back.
    pub cancel_url: &'a str,
}

impl<'a> Visit<'a> {
    /// Of that customer, to and from there.
    pub fn of(
        client: &'a OrganizationId,
        customer: &'a StripeId,
        success: &'a Destination,
        cancel: &'a Destination,
    ) -> Self {
        let customer = customer.as_str();
        let (success_url, cancel_url) = (success.as_str(), cancel.as_str());
        Self { client, customer, success_url, cancel_url }
    }

    fn metadata(&self) -> HashMap<String, String> {
        HashMap::from([(CLIENT_ID.to_owned(), self.client.to_string())])
    }

    fn session(&self, mode: CheckoutSessionMode) -> CreateCheckoutSession {
        CreateCheckoutSession::new()
            .mode(mode)
            .customer(self.customer)
            .client_reference_id(self.client.as_str())
            .success_url(self.success_url)
            .cancel_url(self.cancel_url)
    }
}

impl Stripe {
    /// A page to subscribe on.
    pub async fn subscribe(
        &self,
        ctx: &Context,
        key: &str,
        visit: Visit<'_>,
        price: &str,
    ) -> Result<Session> {
        let mut item = CreateCheckoutSessionLineItems::new();
        item.price = Some(price.to_owned());
        item.quantity = Some(1);
        let mut data = CreateCheckoutSessionSubscriptionData::new();
        data.metadata = Some(visit.metadata());
        let session = visit
            .session(CheckoutSessionMode::Subscription)
            .line_items(vec![item])
            .metadata(visit.metadata())
            .subscription_data(data);
        self.change(ctx, key, session).await
    }

    /// A page to buy credits on. One costs a cent.
    pub async fn buy(
        &self,
        ctx: &Context,
        key: &str,
        visit: Visit<'_>,
        credits: u32,
    ) -> Result<Session> {
        let mut price = CreateCheckoutSessionLineItemsPriceData::new(Currency::USD);
        price.product_data = Some(ProductData::new(format!("{credits} AIUS credits")));
        price.unit_amount = Some(i64::from(credits));
        let mut item = CreateCheckoutSessionLineItems::new();
        item.price_data = Some(price);
        item.quantity = Some(1);
        let mut metadata = visit.metadata();
        metadata.insert(CREDITS.to_owned(), credits.to_string());
        let mut intent = CreateCheckoutSessionPaymentIntentData::new();
        intent.metadata = Some(visit.metadata());
        let session = visit
            .session(CheckoutSessionMode::Payment)
            .line_items(vec![item])
            .metadata(metadata)
            .payment_intent_data(intent)
            // What was bought has an invoice, too.
            .invoice_creation(CreateCheckoutSessionInvoiceCreation::new(true));
        self.change(ctx, key, session).await
    }

    /// A page to leave a card.
    pub async fn set_up(&self, ctx: &Context, key: &str, visit: Visit<'_>) -> Result<Session> {
        let session = visit
            .session(CheckoutSessionMode::Setup)
            // Stripe wants to know it where nothing is sold.
            .currency(Currency::USD)
            .metadata(visit.metadata());
        self.change(ctx, key, session).await
    }

    /// A visit, as it stands.
    pub async fn session(&self, ctx: &Context, id: &str) -> Result<Option<Session>> {
        self.find(ctx, RetrieveCheckoutSession::new(id)).await
    }

    /// The visit that a payment was made on.
    pub async fn session_of_payment(&self, ctx: &Context, intent: &str) -> Result<Option<Session>> {
        let list = ListCheckoutSession::new().payment_intent(intent).limit(1);
        let found: List<Session> = self.read(ctx, list).await?;
        Ok(found.data.into_iter().next())
    }

    /// Ends a visit that nobody has paid on: `None` where it is over already.
    pub async fn expire(&self, ctx: &Context, id: &str) -> Result<Option<Session>> {
        // Stripe has no code for that: whatever else it refuses, the visit is there to be looked at.
        let is_over = |_: &ApiErrors| true;
        let (key, expire) = (format!("expire-{id}"), ExpireCheckoutSession::new(id));
        self.change_unless(ctx, &key, expire, is_over).await
    }
}

impl Session {
    /// Where the page is. [`Error::Internal`] where there is none, as of one that isn't open.
    pub fn page(&self) -> Result<&str> {
        self.url.as_deref().ok_or_else(|| Error::internal("a session of Stripe's has no page"))
    }
}
