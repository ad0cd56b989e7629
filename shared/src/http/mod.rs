//! The layer between HTTP and the operations: extractors, rejections, the table of statuses, and the
//! headers of every response and the log line of every request. The only module that knows API Gateway's event.

mod activity_filter;
mod artifact_filter;
mod body;
mod caller;
mod caller_body;
mod cookies;
mod deleted_filter;
mod duplicate_keys;
mod errors;
mod idempotency;
mod invitation_filter;
mod oauth;
pub mod openapi;
pub mod openapi_parameters;
mod org_id;
mod page_body;
mod page_request;
mod path_ids;
mod query_parameters;
mod rejection;
mod request_log;
mod request_metrics;
mod requester;
mod route_scopes;
mod routes;
mod service;
mod type_rule;

pub use artifact_filter::{ArtifactFilter, parse_project_id};
pub use body::{Body, MAX_BODY_BYTES, deserialize_nullable, require_not_blank};
pub use caller::{
    BearerCaller, CurrentSession, CurrentUser, PendingDeletionSession, SessionCaller,
    optional_session, refuse_other_sites,
};
pub use caller_body::{CallerBody, NoBody, OptionalCallerBody};
pub use cookies::{
    CLEARED_CHALLENGE_COOKIE, CLEARED_GOOGLE_COOKIE, CLEARED_SESSION_COOKIE, SESSION_COOKIE,
    challenge_cookie, challenge_token, cookie, google_cookie, google_flow, registration_cookie,
    registration_token, session_cookie,
};
pub use deleted_filter::DeletedFilter;
pub use errors::{ErrorBody, error_code, error_status, log_error};
pub use idempotency::{IdempotentBody, idempotent_response};
pub use invitation_filter::InvitationFilter;
pub use oauth::{OAuthErrorBody, OAuthErrors, OAuthForm, OAuthRejection};
pub use org_id::{OrgIdParameter, parse_org_id};
pub use page_body::PageBody;
pub use page_request::Paging;
pub use path_ids::{Id, Ids};
pub use query_parameters::QueryParameters;
pub use rejection::Rejection;
pub use requester::{CDN_SECRET_HEADER, VIEWER_ADDRESS_HEADER};
pub use route_scopes::ROUTE_SCOPES;
pub use routes::{Route, Routes, path_matches};
pub use service::{HttpService, REQUEST_TIMEOUT, create_service};
pub use type_rule::type_rule;

/// The result of a handler or extractor.
pub type Result<T, E = Rejection> = std::result::Result<T, E>;
