//! Between HTTP and the domain: what a handler may ask for (extractors), how it answers, and what
//! every answer has in common. The only module that knows API Gateway's event.

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
mod requester;
mod service;

pub use body::{Body, MOST_BODY_BYTES, not_blank, sent};
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
pub use service::{PATIENCE, Service, service};

/// What handlers return: an answer, or the error that the table in `errors.rs` turns into one.
pub type Result<T, E = crate::error::Error> = std::result::Result<T, E>;
