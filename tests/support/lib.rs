//! Helpers for the end-to-end tests: a [`TestApp`] (a local stack for each test), [`Visitor`]s and [`Person`]s
//! that send requests to it, and their [`Reply`]s.
//!
//! Tests advance the clock of the stack and do not sleep. The DynamoDB engine is the embedded one, or DynamoDB
//! Local if `DYNAMODB_LOCAL_URL` is set.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

mod authenticator;
mod bulk_writer;
mod captured_log;
mod chromium;
mod credentials;
mod documented_costs;
mod downloads;
mod engine_handle;
mod fault_proxy;
mod file_imports;
mod files;
mod google;
mod keyboard;
mod ledger_check;
mod measured_units;
mod moto;
mod page_controls;
mod page_visitor;
mod person;
mod race;
mod reply;
mod shape_recording;
mod simulated_cdn;
mod snapshot;
mod stripe;
mod team;
mod test_app;
mod virtual_authenticator;
mod visitor;

pub mod access_tokens;
pub mod account_deletion;
pub mod account_erasure;
pub mod activity;
pub mod all_pages;
pub mod api_keys;
pub mod billing;
pub mod billing_scenario;
pub mod blobs;
pub mod change_email;
pub mod client_activity;
pub mod contrast;
pub mod costs;
pub mod device_sign_in;
pub mod enumeration;
pub mod faults;
pub mod forks;
pub mod form_answers;
pub mod google_accounts;
pub mod google_simulator;
pub mod invitations;
pub mod json;
pub mod log_alarm;
pub mod mailboxes;
pub mod mailed_links;
pub mod malformed_bodies;
pub mod members;
pub mod metrics_record;
pub mod module_graph;
pub mod notifications;
pub mod openapi;
pub mod operators;
pub mod organizations;
pub mod page_checks;
pub mod passkeys;
mod plan_change;
pub mod projects;
pub mod records;
pub mod registration;
pub mod route_credentials;
pub mod route_table;
pub mod runs;
pub mod secrets;
pub mod seeded_random;
pub mod sign_in;
pub mod statuses;
pub mod stripe_calls;
pub mod stripe_simulator;
pub mod template;
pub mod test_server;
pub mod time;
pub mod tokens;
pub mod two_factor;
pub mod two_factor_reset;
pub mod verifier;
pub mod wait;

pub use authenticator::Authenticator;
pub use bulk_writer::{BulkWriter, row};
pub use captured_log::CapturedLog;
pub use chromium::{Chromium, ColorScheme};
pub use documented_costs::{DocumentedCost, assert_documented, documented, documented_costs};
pub use fault_proxy::{Fault, FaultProxy, HeldCall};
pub use files::file;
pub use google::{GoogleSignIn, cookie, session_cookie};
pub use moto::{Moto, ReceivedMail};
pub use page_visitor::{PageReply, PageVisitor};
pub use person::{PASSWORD, Person};
pub use race::{
    assert_done_once, assert_numbered_without_gaps, assert_others_refused, count_successes,
    is_dynamodb_local, race, race_size,
};
pub use registration::registration_browser;
pub use reply::{Cost, Reply, keys};
pub use simulated_cdn::SimulatedCdn;
pub use stripe::{CARD, price};
pub use team::Team;
pub use test_app::{TestApp, code_in};
pub use virtual_authenticator::VirtualAuthenticator;
pub use visitor::Visitor;

/// Returns the URL of a service that `tests/run` starts, from an environment variable.
pub fn service_url(variable: &str) -> String {
    let named = std::env::vars().find(|(name, _)| name == variable);
    let (_, url) = named.unwrap_or_else(|| panic!("{variable} is not set: use ./tests/run"));
    url.trim_end_matches('/').to_owned()
}
