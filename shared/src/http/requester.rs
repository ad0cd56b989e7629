//! Where a request came from, by API Gateway's own account.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lambda_http::request::RequestContext;

use crate::error::{Error, Result};
use crate::requester::Requester;

/// The gateway's request id.
pub(super) fn request_id(parts: &axum::http::Extensions) -> Option<String> {
    match parts.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        Some(_) | None => None,
    }
}

impl<S: Sync> FromRequestParts<S> for Requester {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let Some(RequestContext::ApiGatewayV2(context)) = parts.extensions.get() else {
            return Err(Error::internal("not an event of an HTTP API"));
        };
        // The gateway's own observation; X-Forwarded-For is whatever the caller likes.
        let address = context.http.source_ip.as_deref().unwrap_or_default();
        let ip =
            address.parse().map_err(|_| Error::internal("the event names no source address"))?;
        Ok(Requester::new(ip, context.http.user_agent.as_deref().unwrap_or_default()))
    }
}
