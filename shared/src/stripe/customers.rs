//! Customers.
//! <https://docs.stripe.com/api/customers>

use std::collections::HashMap;

use miniserde::Deserialize;
use stripe_core::customer::{
    CreateCustomer, DeleteCustomer, RetrieveCustomer, UpdateCustomer, UpdateCustomerInvoiceSettings,
};

use super::checkout::CLIENT_ID;
use super::{Stripe, hourly_key};
use crate::context::Context;
use crate::error::Result;
use crate::ids::OrganizationId;
use crate::values::{EmailAddress, Name};

/// A customer, as Stripe returns it.
#[derive(Debug, Deserialize)]
pub struct Customer {
    /// Id of the customer, `cus_…`.
    pub id: String,
    /// Whether the customer was deleted.
    pub deleted: Option<bool>,
    /// Settings with the payment method that pays invoices.
    pub invoice_settings: Option<InvoiceSettings>,
    /// The metadata, in which [`Stripe::create_customer`] names the organization.
    pub metadata: Option<HashMap<String, String>>,
}

impl Customer {
    /// Returns the organization that the customer was created for; `None` if another system has created it, or it is
    /// deleted.
    pub fn organization(&self) -> Option<OrganizationId> {
        OrganizationId::parse(self.metadata.as_ref()?.get(CLIENT_ID)?)
    }
}

/// Settings of a customer's invoices.
#[derive(Debug, Deserialize)]
pub struct InvoiceSettings {
    /// The id of the payment method that invoices are paid with.
    pub default_payment_method: Option<String>,
}

/// The name and the address of a customer.
#[derive(Clone, Copy, Debug)]
pub struct CustomerDetails<'a> {
    /// The organization's name, which invoices show.
    pub name: &'a Name,
    /// The address that invoices are sent to.
    pub email: Option<&'a EmailAddress>,
}

impl Stripe {
    /// Creates a customer for an organization.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn create_customer(
        &self,
        ctx: &Context,
        key: &str,
        organization_id: &OrganizationId,
        details: CustomerDetails<'_>,
    ) -> Result<Customer> {
        let CustomerDetails { name, email } = details;
        let metadata = HashMap::from([(CLIENT_ID.to_owned(), organization_id.to_string())]);
        let customer = CreateCustomer::new().metadata(metadata).name(name.as_str());
        let customer = match email {
            Some(email) => customer.email(email.as_str()),
            None => customer,
        };
        // A second, unused customer does no harm.
        self.write(ctx, &hourly_key(ctx, key), customer).await
    }

    /// Changes name and address of a customer. `None` if the customer is deleted.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn update_customer(
        &self,
        ctx: &Context,
        id: &str,
        details: CustomerDetails<'_>,
    ) -> Result<Option<Customer>> {
        let update = UpdateCustomer::new(id).name(details.name.as_str());
        let update = match details.email {
            Some(email) => update.email(email.as_str()),
            None => update,
        };
        let key = format!("details-{id}-{}", ctx.random.identifier());
        self.write_if_allowed(ctx, &key, update).await
    }

    /// Sets the payment method that a customer's invoices are paid with, unless a subscription has one of its own.
    /// `None` if the customer is deleted or does not have the payment method.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn set_default_payment_method(
        &self,
        ctx: &Context,
        id: &str,
        method: &str,
    ) -> Result<Option<Customer>> {
        let mut settings = UpdateCustomerInvoiceSettings::new();
        settings.default_payment_method = Some(method.to_owned());
        let key = format!("default-{id}-{}", ctx.random.identifier());
        let update = UpdateCustomer::new(id).invoice_settings(settings);
        self.write_if_allowed(ctx, &key, update).await
    }

    /// Reads a customer; `None` if the id was never one.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn retrieve_customer(&self, ctx: &Context, id: &str) -> Result<Option<Customer>> {
        self.find(ctx, RetrieveCustomer::new(id)).await
    }

    /// Deletes a customer with its cards, and ends its subscriptions at once. Invoices and payments stay.
    ///
    /// # Errors
    /// `BillingNotConfigured` without a key of Stripe, `Unavailable` if Stripe cannot be reached, `Internal` if it
    /// refuses the call.
    pub async fn delete_customer(&self, ctx: &Context, id: &str) -> Result<()> {
        let (key, delete) = (format!("delete-{id}"), DeleteCustomer::new(id));
        self.write_unless::<Customer>(ctx, &key, delete, |_| false).await.map(|_| ())
    }
}
