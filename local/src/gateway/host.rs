//! The host that a request names.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::uri::{Authority, Uri};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::response::gateway_error;

/// Refuses requests for any host but this machine. Otherwise a web page could read `/local` through DNS
/// rebinding: by pointing its own host name at this machine.
pub(crate) async fn only_this_machine(request: Request, next: Next) -> Response {
    match authority(request.uri(), request.headers()) {
        Some(authority) if is_this_machine(authority.host()) => next.run(request).await,
        Some(_) | None => gateway_error(StatusCode::FORBIDDEN),
    }
}

/// Returns the host and port that a request names, or `None` if they are missing or invalid.
pub(super) fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    // The authority of an absolute URI overrides the `Host` header (RFC 9112, section 3.2.2).
    let authority: Authority = match uri.authority() {
        Some(authority) => authority.clone(),
        None => headers.get(HOST)?.to_str().ok()?.parse().ok()?,
    };
    // User information or an invalid port is in the text, but in neither part.
    let port = authority.port().map(|port| format!(":{port}")).unwrap_or_default();
    (authority.as_str() == format!("{}{port}", authority.host())).then_some(authority)
}

fn is_this_machine(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_this_machine() {
        for host in ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "AIUS.localhost"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "", "0.0.0.0"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn a_name_may_have_a_port_and_nothing_else() {
        let named = |uri: &str, host: &str| {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            authority(&uri.parse().unwrap(), &headers).map(|name| name.to_string())
        };
        assert_eq!(named("/x", "localhost:8080").as_deref(), Some("localhost:8080"));
        assert_eq!(named("/x", "[::1]:8080").as_deref(), Some("[::1]:8080"));
        assert_eq!(named("http://a.example/x", "localhost").as_deref(), Some("a.example"));
        for nonsense in ["a b", "", "localhost:99999", "localhost:", "me@localhost", "a/x"] {
            assert_eq!(named("/x", nonsense), None, "{nonsense}");
        }
    }
}
