//! Plans, credits, subscriptions and payments of organizations.
//!
//! | module | content |
//! |---|---|
//! | `plan`, `plans` | the plans and their limits |
//! | [`ledger`] | credits: balance, entries, uniqueness of entries |
//! | [`debit`], [`spend_credits`], [`credits`], [`transactions`], [`usage`], [`daily_usage`] | credits and usage |
//! | [`hosted_pages`] | pages at Stripe: checkout, top-up, portal, card set-up |
//! | [`plan_change`] | preview, change, cancellation and resumption of a subscription |
//! | [`invoices`], [`payment_methods`], [`subscription`] | what Stripe stores about an organization |
//! | [`webhooks`], [`unprocessed_events`] | events of Stripe |
//! | `reconcile` | applies Stripe's state to ours; called by webhooks, renewal and the daily audit |
//! | [`audit`] | compares ledgers with balances, and payments with ledgers |
//! | [`stripe_comparison`] | how far the daily comparison with Stripe has come |
//! | [`changed_ledgers`] | lists the ledgers to audit, from where the previous run stopped |

mod agreed_quota;
pub mod audit;
pub mod billing_state;
pub mod changed_ledgers;
pub mod daily_usage;
pub mod debit;
mod delete_customer;
mod ensure_customer;
pub mod export_transactions;
pub mod hosted_pages;
pub mod invoices;
pub mod ledger;
pub mod list_plans;
pub mod list_transactions;
pub mod payment_methods;
mod payment_notification;
pub mod period_usage;
mod plan;
pub mod plan_change;
mod processed_event;
pub mod quota;
pub mod quota_end;
pub mod read_credits;
pub mod read_subscription;
mod reconcile;
pub mod relink_customer;
mod renew;
pub mod set_plan;
pub mod spend_credits;
mod stored_payment;
pub mod stored_subscription;
pub mod stripe_account;
pub mod stripe_comparison;
mod stripe_paging;
pub mod stripe_throttle;
mod sync_billing;
pub mod unprocessed_events;
mod upgrade_credits;
pub mod usage;
mod usage_alerts;
pub mod webhooks;

pub use agreed_quota::AgreedQuota;
pub use delete_customer::delete_customer;
pub use payment_notification::{PaymentEvent, PaymentNotification};
pub use plan::{Limits, Plan};
pub use sync_billing::sync_billing;
pub use usage_alerts::USAGE_ALERTS;
