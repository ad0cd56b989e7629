//! Hosted pages in place of Stripe's: checkout, customer portal, invoices, and an overview.

pub(crate) mod checkout;
pub(crate) mod invoice;
mod invoice_pdf;
mod invoice_view;
mod layout;
pub(crate) mod overview;
pub(crate) mod portal;
