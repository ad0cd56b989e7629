//! The origin of a request, as API Gateway reports it.

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use lambda_http::request::RequestContext;

use super::{Rejection, Result};
use crate::error::Error;
use crate::requester::Requester;

/// Returns API Gateway's request id.
pub(super) fn request_id(extensions: &Extensions) -> Option<String> {
    match extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        Some(_) | None => None,
    }
}

impl<S: Sync> FromRequestParts<S> for Requester {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let Some(RequestContext::ApiGatewayV2(context)) = parts.extensions.get() else {
            return Err(Error::internal("the event is not one of an HTTP API").into());
        };
        // The gateway observed this address. A caller can forge `X-Forwarded-For`.
        let address = context.http.source_ip.as_deref().unwrap_or_default();
        let ip = address.parse().map_err(|_| Error::internal("the event has no source address"))?;
        Ok(Requester::new(ip, context.http.user_agent.as_deref().unwrap_or_default()))
    }
}
