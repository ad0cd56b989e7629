//! Simulates the parts of Stripe that the service uses, for the local stack, under `/local/stripe`.
//! <https://docs.stripe.com/api>
//!
//! The simulator uses Stripe's names and refuses parameters that Stripe's API description does not have.
//! It also refuses what Stripe supports and the simulator does not, and says so in the message.
//!
//! - Objects have every field that Stripe's objects have.
//! - Amounts are cents of US dollars.
//! - Prices are fixed. Subscriptions are monthly and have one item.
//! - Everything that happens by itself goes by the clock of the local stack.
//!
//! | path | module |
//! |---|---|
//! | `/v1/…` | `api`: authentication, parameters, idempotency, routing, lists and expansion |
//! | `/`, `/checkout/{id}`, `/portal/{id}`, `/invoices/{id}` | `pages`: hosted pages |
//! | `/checkout/{id}/pay`, `/deliveries`, `/faults`, `/requests`, … | `control`: endpoints for tests, which Stripe lacks |
//!
//! The modules depend on each other in one direction:
//!
//! ```text
//! api, pages, control ──> simulator ──> timers ──> checkout ──> billing ──> operation ──> store
//! ```
//!
//! - `simulator` holds the state, and delivers events to the service's webhook endpoint.
//! - `operation` is the context in which `billing` and `checkout` change objects, at one point in time.
//! - `description` has Stripe's public API description, and `store` the objects.

mod account_keys;
mod api;
mod billing;
mod checkout;
mod control;
mod description;
mod error;
mod faults;
mod operation;
mod pages;
mod parameters;
mod simulator;
mod store;
#[cfg(test)]
mod tests;
mod timers;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get, post};

pub use account_keys::AccountKeys;
pub use billing::prices::PLAN_PRICES;
pub use simulator::{MOUNT_PATH, StripeSimulator, StripeSimulatorOptions};

/// Returns the routes of the simulator, relative to [`MOUNT_PATH`].
pub fn router(stripe: Arc<StripeSimulator>) -> Router {
    Router::new()
        .route("/v1/{*path}", any(api::endpoint::handle))
        .route("/", get(pages::overview::get))
        .route("/checkout/{id}", get(pages::checkout::get).post(pages::checkout::post))
        .route("/portal/{id}", get(pages::portal::get).post(pages::portal::post))
        .route("/invoices/{id}", get(pages::invoice::get).post(pages::invoice::post))
        .route("/invoices/{id}/pdf", get(pages::invoice::get_pdf))
        .route("/checkout/{id}/pay", post(control::actions::pay_session))
        .route("/checkout/{id}/expire", post(control::actions::expire_session))
        .route("/checkout/{id}/settle", post(control::actions::settle_session))
        .route("/disputes/{id}/close", post(control::actions::close_dispute))
        .route("/deliveries", get(control::deliveries::list).post(control::deliveries::set_mode))
        .route("/deliveries/flush", post(control::deliveries::flush))
        .route("/deliveries/send", post(control::deliveries::send))
        .route("/faults", post(control::requests::set_fault))
        .route("/requests", get(control::requests::list).delete(control::requests::clear))
        .with_state(stripe)
}
