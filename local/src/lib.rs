//! The local stack: the whole service on one machine, in one process. `cargo run` and the tests start it.
//!
//! ```text
//! HTTP ──> gateway ──event──> functions ──SDK──> DynamoDB (dynoxide)
//!                                                   │ stream
//!                             worker <───event─── stream poller
//!                               ├──SDK──> SES ──> outbox ──> /local/mail
//!                               └──HTTP─> Slack ───────────> /local/slack
//! ```
//!
//! The functions are those that run on Lambda. They receive API Gateway's events and call AWS through
//! ordinary SDK clients, whose HTTP client calls the embedded services inside the process. Only S3 listens on
//! a port, for presigned URLs. Routes, the table and the worker's event sources come from `template.yaml`.
//!
//! | module | content |
//! |---|---|
//! | `stack` | starts and stops the stack |
//! | `template` | reads `template.yaml` |
//! | `aws` | DynamoDB, Secrets Manager, SES, SQS, S3, and the settings of their clients |
//! | `listen` | listens on loopback ports |
//! | `gateway` | converts HTTP requests to API Gateway's events, and responses of functions to HTTP responses |
//! | `stream` | delivers the table's stream to the worker |
//! | `schedule` | invokes the worker by the clock |
//! | `slack` | Slack's incoming webhooks, under `/local/slack` |
//! | `simulators` | connects the Stripe and Google simulators, which are crates of their own |
//! | `control` | the control endpoints under `/local` |
//! | `data` | the data folder |
//! | `function_context` | gives each function only its rights |
//! | `invocation` | invocations of the functions that get no HTTP request |

mod aws;
mod clock;
mod control;
mod data;
mod error;
mod function_context;
mod gateway;
mod invocation;
mod listen;
mod queue;
mod schedule;
mod simulators;
mod slack;
mod stack;
mod stack_event;
mod stoppable_task;
mod stream;
mod template;

/// The allocator of every program that links this crate, tests and benchmarks included. Functions on Lambda use that of
/// the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub use aws::{RequestShapes, call_dynamodb, import_rows, open_database};
pub use error::StartError;
pub use listen::serve_router;
pub use stack::{
    ExternalSes, GoogleAccess, Stack, StackData, StackOptions, StripeAccess, StripeBackend,
};
pub use stack_event::{EventListener, StackEvent};
pub use template::{function_binaries, function_rights};
