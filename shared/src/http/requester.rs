//! The origin of a request, as API Gateway and a CDN in front of it report it.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use lambda_http::request::RequestContext;

use super::{Rejection, Result};
use crate::context::Context;
use crate::error::Error;
use crate::requester::Requester;

/// Header with the CDN's secret. CloudFront adds it as a custom header of the origin and overwrites one that the client
/// sent.
pub const CDN_SECRET_HEADER: &str = "x-origin-verify";

/// Header with the client's address and port as CloudFront observed them.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html>
pub const VIEWER_ADDRESS_HEADER: &str = "cloudfront-viewer-address";

/// Returns API Gateway's request id.
pub(super) fn request_id(extensions: &Extensions) -> Option<String> {
    match extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone(),
        Some(_) | None => None,
    }
}

impl FromRequestParts<Context> for Requester {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, ctx: &Context) -> Result<Self> {
        let Some(RequestContext::ApiGatewayV2(context)) = parts.extensions.get() else {
            return Err(Error::internal("the event is not one of an HTTP API").into());
        };
        let ip = if is_from_cdn(ctx, &parts.headers) {
            // All requests have the addresses of the CDN, so counting those would let one client lock out all.
            let address = parts.headers.get(VIEWER_ADDRESS_HEADER).and_then(parse_viewer_address);
            address.ok_or_else(|| Error::internal("the CDN sends no valid viewer address"))?
        } else {
            let address = context.http.source_ip.as_deref().unwrap_or_default();
            address.parse().map_err(|_| Error::internal("the event has no source address"))?
        };
        Ok(Requester::new(ip, context.http.user_agent.as_deref().unwrap_or_default()))
    }
}

fn is_from_cdn(ctx: &Context, headers: &HeaderMap) -> bool {
    headers
        .get(CDN_SECRET_HEADER)
        .is_some_and(|secret| ctx.config.cdn_secrets.contains(secret.as_bytes()))
}

/// Parses an address that a port follows: `198.51.100.10:46532` or `2001:db8::1:46532`, with or without brackets
/// around an IPv6 address.
fn parse_viewer_address(value: &HeaderValue) -> Option<IpAddr> {
    let (address, port) = value.to_str().ok()?.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    let address = address.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(address);
    address.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_a_viewer_address_is_left_out() {
        let parse = |text: &'static str| {
            parse_viewer_address(&HeaderValue::from_static(text)).map(|ip| ip.to_string())
        };
        assert_eq!(parse("198.51.100.10:46532").as_deref(), Some("198.51.100.10"));
        assert_eq!(parse("2001:db8::1:4653").as_deref(), Some("2001:db8::1"));
        assert_eq!(parse("[2001:db8::1]:4653").as_deref(), Some("2001:db8::1"));
        for invalid in ["", "198.51.100.10", "198.51.100.10:", "198.51.100.10:x", "a:1", "[::1:2"] {
            assert_eq!(parse(invalid), None, "{invalid}");
        }
    }
}
