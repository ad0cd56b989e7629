//! Who pays.
//! <https://docs.stripe.com/api/customers>

use std::collections::HashMap;

use miniserde::Deserialize;
use stripe_core::customer::{CreateCustomer, DeleteCustomer, RetrieveCustomer};

use super::checkout::CLIENT_ID;
use super::{Stripe, of_the_hour};
use crate::context::Context;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::values::EmailAddress;

/// Somebody who pays.
#[derive(Debug, Deserialize)]
pub struct Customer {
    /// Their id.
    pub id: String,
    /// Whether they are gone.
    pub deleted: Option<bool>,
    /// How invoices are paid.
    pub invoice_settings: Option<InvoiceSettings>,
}

/// How a customer's invoices are paid.
#[derive(Debug, Deserialize)]
pub struct InvoiceSettings {
    /// With that card, or the like.
    pub default_payment_method: Option<String>,
}

impl Stripe {
    /// Makes an organization a customer.
    pub async fn create_customer(
        &self,
        ctx: &Context,
        key: &str,
        client: &OrganizationId,
        email: Option<&EmailAddress>,
    ) -> Result<Customer> {
        let metadata = HashMap::from([(CLIENT_ID.to_owned(), client.to_string())]);
        let customer = CreateCustomer::new().metadata(metadata);
        let customer = match email {
            Some(email) => customer.email(email.as_str()),
            None => customer,
        };
        // One more that nobody pays with does no harm.
        self.change(ctx, &of_the_hour(ctx, key), customer).await
    }

    /// A customer; `None` of one that never was.
    pub async fn customer(&self, ctx: &Context, id: &str) -> Result<Option<Customer>> {
        self.find(ctx, RetrieveCustomer::new(id)).await
    }

    /// Removes a customer with their cards, and ends their subscriptions at once. Their invoices and payments
    /// stay.
    pub async fn delete_customer(&self, ctx: &Context, id: &str) -> Result<()> {
        let (key, delete) = (format!("delete-{id}"), DeleteCustomer::new(id));
        self.change_unless::<Customer>(ctx, &key, delete, |_| false).await.map(|_| ())
    }
}
