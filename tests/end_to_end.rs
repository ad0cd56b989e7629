//! The end-to-end suites, one file per resource or promise.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test says so by failing

mod activity;
mod auth_matrix;
mod change_email;
mod clients;
mod deletion;
mod erasure;
mod events;
mod export;
mod faults;
mod gateway;
mod google;
mod google_provider;
mod google_simulator;
mod google_tokens;
mod health;
mod host_header;
mod idempotency;
mod invitations;
mod invite_race;
mod key_rotation;
mod login;
mod members;
mod notifications;
mod openapi;
mod password;
mod plain_secrets;
mod prehijack;
mod profile;
mod register;
mod resend;
mod round_trips;
mod session;
mod sessions;
mod template;
mod timing;
mod transfer;
mod two_factor;
mod two_factor_sign_in;
mod verify_email;
mod walkthrough;
