//! The layer between HTTP and the operations: extractors, rejections, the table of statuses, and the
//! headers and log line of every response. The only module that knows API Gateway's event.

mod body;
mod caller;
mod cookies;
mod errors;
mod files;
mod filter;
mod id;
mod idempotency;
mod input;
pub mod openapi;
mod org;
mod paging;
mod parameters;
mod rejection;
mod requester;
mod routes;
mod service;
mod type_rule;

pub use body::{Body, MAX_BODY_BYTES, not_blank, sent};
pub use caller::{BearerCredential, LeavingSession, Person, Session, SessionCredential};
pub use cookies::{
    CLEARED_GOOGLE_COOKIE, CLEARED_SESSION_COOKIE, SESSION_COOKIE, google_cookie, google_flow,
    session_cookie,
};
pub use errors::ErrorBody;
pub use files::{Files, project};
pub use id::{Id, Ids};
pub use idempotency::{Keyed, answer, idempotency_key};
pub use input::{Input, NoInput};
pub use org::{Org, org};
pub use paging::Paging;
pub use rejection::Rejection;
pub use service::{REQUEST_TIMEOUT, Service, service};

/// The result of a handler or extractor.
pub type Result<T, E = Rejection> = std::result::Result<T, E>;
