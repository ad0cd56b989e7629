//! The layer between HTTP and the operations: extractors, rejections, the table of statuses, and the
//! headers of every response and the log line of every request. The only module that knows API Gateway's event.

mod body;
mod caller;
mod caller_body;
mod cookies;
mod errors;
mod files;
mod filter;
mod id;
mod idempotency;
pub mod openapi;
pub mod openapi_parameters;
mod org;
mod paging;
mod parameters;
mod rejection;
mod request_log;
mod requester;
mod routes;
mod service;
mod type_rule;

pub use body::{Body, MAX_BODY_BYTES, not_blank, sent};
pub use caller::{BearerCaller, LeavingSession, Person, Session, SessionCaller};
pub use caller_body::{CallerBody, NoBody};
pub use cookies::{
    CLEARED_GOOGLE_COOKIE, CLEARED_SESSION_COOKIE, SESSION_COOKIE, google_cookie, google_flow,
    session_cookie,
};
pub use errors::ErrorBody;
pub use files::{Files, project};
pub use id::{Id, Ids};
pub use idempotency::{IdempotentBody, idempotent_response};
pub use org::{Org, org};
pub use paging::Paging;
pub use rejection::Rejection;
pub use service::{REQUEST_TIMEOUT, Service, service};

/// The result of a handler or extractor.
pub type Result<T, E = Rejection> = std::result::Result<T, E>;
