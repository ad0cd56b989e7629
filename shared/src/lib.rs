//! The domain of the account service. No HTTP server, no Lambda: the functions bring those.
//!
//! | module | what it is about |
//! |---|---|
//! | [`accounts`] | people: registering, proving an address, signing in |
//! | [`sessions`] | signed-in browsers and command lines |
//! | [`tokens`] | bearer tokens |
//! | [`credentials`] | who calls |
//! | [`organizations`] | organizations and who belongs to them |
//! | [`projects`] | projects: what organizations work on |
//! | [`runs`] | what was done with a project, and how it ended |
//! | [`billing`] | plans, and how much of them is used |
//! | [`credits`] | amounts of credits |
//! | [`activity`] | the log of who did what |
//! | [`content`] | what artifacts contain, in S3 |
//! | [`codes`], [`throttle`], [`idempotency`] | mailed codes; limits; doing a thing once |
//! | [`work`] | what outlasts a request |
//! | [`notices`] | what a person is told of, and where |
//! | [`google`], [`redirect`] | Google as an OpenID provider; where people are sent afterwards |
//! | [`stripe`] | the gateway to Stripe |
//! | [`slack`] | what is posted to Slack, and how |
//! | [`dead_letters`] | what will never be sent |
//! | [`mail`] | what is mailed, and how it gets sent |
//! | [`dynamo`], [`keys`] | access to the table; the format of every key |
//! | [`http`] | extractors, answers, and the one table from errors to statuses |
//! | [`context`], [`config`], [`secrets`], [`clock`], [`random`] | what operations are given |
//! | [`error`], [`ids`], [`values`], [`requester`] | types that all features use |
//!
//! Dependencies point one way: functions use this crate, and never each other; here, an operation
//! (`accounts/register.rs`) uses the rules (`accounts/mod.rs`) and the store, and those use
//! [`dynamo`].

pub mod accounts;
pub mod activity;
pub mod api_keys;
pub mod artifacts;
pub mod billing;
pub mod clock;
pub mod codes;
pub mod config;
pub mod content;
pub mod context;
pub mod credentials;
pub mod credits;
pub mod dead_letters;
pub mod dynamo;
pub mod error;
pub mod google;
pub mod http;
pub mod idempotency;
pub mod ids;
pub mod keys;
pub mod mail;
pub mod notices;
pub mod organizations;
pub mod projects;
pub mod random;
pub mod redirect;
pub mod requester;
pub mod runs;
pub mod secrets;
pub mod sessions;
pub mod slack;
pub mod stripe;
pub mod telemetry;
mod text;
pub mod throttle;
pub mod tokens;
pub mod values;
pub mod work;
