//! The whole service on one machine, in one process: `cargo run`, and what the tests run against.
//!
//! ```text
//! HTTP ──> gateway ──event──> functions ──HTTP──> DynamoDB (dynoxide)
//!                                  ^                 │ stream
//!                                  └──────event──── pump
//!                                worker ──HTTP──> SES ──> outbox ──> /local/mail
//!                                   └─────HTTP──> Slack ───────────> /local/slack
//! ```
//!
//! The functions are the ones that run on Lambda, unchanged: they get API Gateway's events and talk
//! to AWS through ordinary clients. What plays AWS is embedded and listens on loopback. Routes, the
//! table and the worker's event source come from `template.yaml`.
//!
//! | module | what it is about |
//! |---|---|
//! | `stack` | starting and stopping all of it |
//! | `template` | what `template.yaml` says |
//! | `aws` | DynamoDB, Secrets Manager, SES, SQS, S3, and the clients' settings |
//! | `gateway` | HTTP requests to API Gateway's events, and back |
//! | `stream` | the table's stream to the worker |
//! | `schedule` | what the worker does at certain times |
//! | `slack` | Slack's incoming webhooks, under `/local/slack` |
//! | `simulators` | connects the Stripe and Google simulators, which are crates of their own |
//! | `panel` | everything under `/local` |
//! | `data` | what is kept between starts |

mod aws;
mod clock;
mod data;
mod error;
mod gateway;
mod notice;
mod panel;
mod schedule;
mod server;
mod simulators;
mod slack;
mod stack;
mod stream;
mod template;

pub use aws::RequestShapes;
pub use error::StartError;
pub use notice::{Notice, Observer};
pub use stack::{Data, OpenIdProvider, Options, Ses, Stack, Stripe, StripeAccess};
