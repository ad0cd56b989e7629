//! The domain crate of the account service. It runs no HTTP server and no Lambda runtime; the functions do.
//!
//! | module | contents |
//! |---|---|
//! | [`accounts`] | registration, email verification, sign-in, deletion of accounts |
//! | [`sessions`] | sessions of signed-in users |
//! | [`tokens`], [`api_keys`] | personal API tokens and organization keys |
//! | [`access_tokens`] | signed tokens that other services verify |
//! | [`credentials`] | authentication by session or token |
//! | [`device_sign_in`] | sign-in of command lines (RFC 8628) |
//! | [`organizations`] | organizations, members, invitations |
//! | [`projects`], [`artifacts`], [`runs`] | projects, their files, their test runs |
//! | [`operators`] | what operators do for customers |
//! | [`billing`], [`credits`] | plans, subscriptions, the credit ledger; amounts of credits |
//! | [`activity`] | the audit log |
//! | [`blobs`] | contents of artifacts in S3 |
//! | [`mailed_codes`], [`throttle`], [`idempotency`] | mailed codes; rate limits; idempotency keys |
//! | [`jobs`] | background jobs |
//! | [`notifications`] | notifications by mail and Slack |
//! | [`google`], [`redirect`] | Google as an OpenID provider; allowed redirect targets |
//! | [`stripe`] | the client of Stripe |
//! | [`outbox`] | rows of mail and Slack messages that the worker delivers |
//! | [`slack`] | messages to Slack, and their delivery |
//! | [`mail`] | mail messages, and their delivery |
//! | [`dead_letters`] | the queue of deliveries that cannot succeed |
//! | [`dynamo`], [`keys`] | access to the DynamoDB table; the format of every key |
//! | [`http`] | extractors, rejections, the table of statuses, the routes macro |
//! | [`context`], [`config`], [`secrets`], [`clock`], [`random`] | dependencies of operations |
//! | [`aws`] | settings of the AWS SDK |
//! | [`telemetry`], [`cause`] | the log; the request that causes background work |
//! | [`support_case`], [`suspension`] | who acts for support and why; suspended accounts and organizations |
//! | [`switches`] | features that operators can switch off |
//! | [`error`], [`ids`], [`values`], [`requester`] | types that all modules use |
//!
//! Dependencies point one way. Functions use this crate, and never each other. Here an operation
//! (`accounts/register.rs`) uses rules and storage (`accounts/mod.rs`), and those use [`dynamo`].

pub mod access_tokens;
pub mod accounts;
pub mod activity;
pub mod api_keys;
pub mod artifacts;
pub mod aws;
pub mod billing;
pub mod blobs;
pub mod breached_passwords;
pub mod cause;
pub mod clock;
pub mod config;
pub mod context;
pub mod credentials;
pub mod credits;
pub mod dead_letters;
pub mod device_sign_in;
pub mod dynamo;
pub mod error;
pub mod event_clock;
pub mod fifo_queue;
pub mod google;
pub mod http;
pub mod https;
pub mod idempotency;
pub mod ids;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod mailed_codes;
pub mod notifications;
pub mod number_text;
pub mod operators;
pub mod organizations;
pub mod outbox;
pub mod projects;
pub mod random;
pub mod redirect;
pub mod requester;
pub mod runs;
pub mod schedule_cursor;
pub mod secrets;
pub mod sessions;
pub mod slack;
pub mod stripe;
pub mod support_case;
pub mod suspension;
pub mod switches;
pub mod telemetry;
mod text;
pub mod throttle;
pub mod tokens;
pub mod trace_id;
pub mod values;
