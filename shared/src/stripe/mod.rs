//! Client of Stripe's API: the only code that talks to Stripe.
//!
//! | file | calls |
//! |---|---|
//! | `client`, `transport` | the client: keys, timeouts, retries; one call over HTTP |
//! | `checkout` | checkout sessions: hosted pages to subscribe, buy credits or save a card |
//! | `customers` | customers |
//! | `subscriptions`, `schedules`, `invoices` | subscriptions, their scheduled changes and their invoices |
//! | `payments`, `refunds` | payment intents, charges, disputes; refunds |
//! | `payment_methods`, `portal` | cards, and the customer portal |
//! | `events`, `signature` | events, and the signature of webhooks |
//! | `prices` | the prices of our plans |
//!
//! `async-stripe` builds the requests. The client sends them with an idempotency key for every write, a timeout
//! and one retry. Responses are parsed into small types of our own, so that fields which Stripe adds or removes
//! elsewhere break nothing.
//!
//! The client is not part of [`Context`](crate::context::Context), because most functions do not need it.

pub mod checkout;
mod client;
pub mod customers;
pub mod events;
mod id;
pub mod invoices;
pub mod payment_methods;
pub mod payments;
pub mod portal;
mod prices;
pub mod refunds;
pub mod schedules;
pub mod signature;
pub mod subscriptions;
mod transport;

use client::hourly_key;
pub use client::{List, Stripe};
pub use id::StripeId;
pub use prices::Prices;
