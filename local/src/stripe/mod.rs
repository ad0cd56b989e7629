//! Stripe, as far as its public description goes for what the service uses, under `/local/stripe`.
//! <https://docs.stripe.com/api>
//!
//! It follows Stripe's names, and refuses what Stripe's description doesn't have; what Stripe does and this
//! doesn't is refused with words that say so. Objects have every field that Stripe's have. Money is cents of
//! US dollars, prices are fixed, subscriptions have one item and are monthly, and everything happens by the
//! stack's clock.
//!
//! | path | file |
//! |---|---|
//! | `/v1/…` | `api`, `authority`, `calls`, `beyond`, `parameters`, `schema`, `public`, `expand`, `lists`, `refusal` |
//! | … customers, cards | `customers`, `cards` |
//! | … checkout sessions | `checkout` and its parts, `paying`, `settling` |
//! | … payments, refunds, disputes | `payments`, `refunds`, `disputes` |
//! | … subscriptions, invoices | `subscriptions`, `changes`, `endings`, `calendar`, `drafts`, `invoices`, `lines`, `timers` |
//! | … the portal | `portal` |
//! | `/`, `/checkout/{id}`, `/portal/{id}`, `/invoices/{id}` | `overview`, `checkout_page`, `portal_page`, `invoice_page`, `paper`, `pdf`, `page` |
//! | `/checkout/{id}/pay` and so on, `/deliveries`, `/faults`, `/requests` | `control`, `delivery_control`, `faults`: for people and tests, and not Stripe's |
//!
//! `simulator` holds it together. Everything is done in one piece, at one moment (`work`), on what is kept (`store`). Events go to the
//! stack's own gateway (`deliveries`, `signature`).

mod account;
mod api;
mod authority;
mod beyond;
mod calendar;
mod calls;
mod cards;
mod changes;
mod checkout;
mod checkout_checks;
mod checkout_items;
mod checkout_page;
mod control;
mod customers;
mod deliveries;
mod delivery_control;
mod disputes;
mod drafts;
mod endings;
mod expand;
mod faults;
mod invoice_page;
mod invoices;
mod lines;
mod lists;
mod overview;
mod page;
mod paper;
mod parameters;
mod paying;
mod payments;
mod pdf;
mod portal;
mod portal_page;
mod prices;
mod public;
mod refunds;
mod refusal;
mod schema;
mod settling;
mod signature;
mod simulator;
mod store;
mod subscriptions;
mod timers;
mod work;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get, post};

pub(crate) use account::Account;
pub(crate) use prices::PLANS;
pub(crate) use simulator::Stripe;

/// Where Stripe answers, below a stack's address.
const PATH: &str = "/local/stripe";

/// Where its webhooks go, below a stack's address.
const HOOK: &str = "/v1/webhooks/stripe";

/// What stands for `https://api.stripe.com/` in the stack on that port.
pub(crate) fn base(port: u16) -> String {
    format!("http://127.0.0.1:{port}{PATH}/")
}

#[cfg(test)]
mod delivery_tests;
#[cfg(test)]
mod tests;

/// The endpoints, relative to [`PATH`].
pub(crate) fn router(stripe: Arc<Stripe>) -> Router {
    Router::new()
        .route("/v1/{*path}", any(api::handle))
        .route("/", get(overview::get))
        .route("/checkout/{id}", get(checkout_page::get).post(checkout_page::post))
        .route("/portal/{id}", get(portal_page::get).post(portal_page::post))
        .route("/invoices/{id}", get(invoice_page::get).post(invoice_page::post))
        .route("/invoices/{id}/pdf", get(invoice_page::file))
        .route("/checkout/{id}/pay", post(control::pay))
        .route("/checkout/{id}/expire", post(control::expire))
        .route("/checkout/{id}/settle", post(control::settle))
        .route("/disputes/{id}/close", post(control::close))
        .route("/deliveries", get(delivery_control::list).post(delivery_control::set))
        .route("/deliveries/flush", post(delivery_control::flush))
        .route("/deliveries/send", post(delivery_control::send))
        .route("/faults", post(control::faults))
        .route("/requests", get(control::requests).delete(control::clear_requests))
        .with_state(stripe)
}
