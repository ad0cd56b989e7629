//! Stripe's billing objects and what happens to them.
//!
//! The modules depend on each other in one direction, from the first to the last line:
//!
//! ```text
//! invoice_previews, customer_deletion, portal_sessions
//! subscription_changes, subscription_lifecycle
//! invoices
//! subscription_status, payments
//! subscription_cancellation, disputes, payment_methods
//! pending_updates, subscription_schedules
//! subscriptions, invoice_drafts, invoice_lines, customers, test_cards
//! prices, renewal_date
//! ```

pub(crate) mod customer_deletion;
pub(crate) mod customers;
pub(crate) mod disputes;
pub(crate) mod invoice_drafts;
pub(crate) mod invoice_lines;
pub(crate) mod invoice_previews;
pub(crate) mod invoices;
pub(crate) mod payment_methods;
pub(crate) mod payments;
pub(crate) mod pending_updates;
pub(crate) mod portal_sessions;
pub(crate) mod prices;
pub(crate) mod refunds;
mod renewal_date;
pub(crate) mod subscription_cancellation;
pub(crate) mod subscription_changes;
pub(crate) mod subscription_lifecycle;
pub(crate) mod subscription_schedules;
mod subscription_status;
pub(crate) mod subscriptions;
pub(crate) mod test_cards;
