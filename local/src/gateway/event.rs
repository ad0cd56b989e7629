//! Converts a request to an event of API Gateway, in payload format 2.0.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::http::header::{CONTENT_TYPE, COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Version};
use data_encoding::{BASE64, HEXLOWER};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use shared::clock::Timestamp;
use shared::random::Random;

use super::routes::Target;

/// The parts of an event.
pub(super) struct GatewayEvent<'e> {
    pub(super) id: String,
    pub(super) now: Timestamp,
    /// The address of the client's connection. Headers cannot change it.
    pub(super) peer: SocketAddr,
    pub(super) target: &'e Target<'e>,
    /// The host and port that the request names.
    pub(super) authority: &'e Authority,
    pub(super) path: &'e str,
    pub(super) head: &'e Parts,
    pub(super) body: &'e [u8],
}

/// Hop-by-hop headers, which are not forwarded (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Generates a request ID in API Gateway's format.
pub(super) fn request_id(random: &dyn Random) -> String {
    BASE64.encode(&random.bytes::<11>())
}

/// Returns the path of an event. HTTP APIs decode the path, and cut it at an encoded `?`.
pub(super) fn decoded_path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let end = decoded.find('?').unwrap_or(decoded.len());
    decoded[..end].to_owned()
}

impl GatewayEvent<'_> {
    /// Returns the event as JSON.
    pub(super) fn to_json(&self) -> Value {
        let headers = &self.head.headers;
        let route_key = self.target.route.key();
        let domain = self.authority.host().to_ascii_lowercase();
        let query = self.head.uri.query().unwrap_or_default();
        let (body, is_base64) = body(headers, self.body);
        let mut event = json!({
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": self.path,
            "rawQueryString": query,
            "headers": self.headers(),
            "requestContext": {
                // The account ID of AWS's examples.
                "accountId": "123456789012",
                "apiId": "local",
                "domainName": domain,
                "domainPrefix": domain.split('.').next(),
                "http": {
                    "method": self.head.method.as_str(),
                    "path": self.path,
                    "protocol": protocol(self.head.version),
                    "sourceIp": self.peer.ip(),
                    "userAgent": header_text(headers, USER_AGENT.as_str()).unwrap_or_default(),
                },
                "requestId": self.id,
                "routeKey": route_key,
                "stage": "$default",
                "time": common_log_time(self.now),
                "timeEpoch": self.now.seconds() * 1000,
            },
            "isBase64Encoded": is_base64,
        });
        // Empty fields are omitted.
        let cookies = cookies(headers);
        let optional = [
            ("cookies", (!cookies.is_empty()).then(|| json!(cookies))),
            ("queryStringParameters", query_parameters(query)),
            (
                "pathParameters",
                (!self.target.parameters.is_empty()).then(|| json!(self.target.parameters)),
            ),
            ("body", (!body.is_empty()).then(|| json!(body))),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                event[name] = value;
            }
        }
        event
    }

    /// Returns the headers by name without cookies. Repeated headers are joined.
    fn headers(&self) -> Map<String, Value> {
        let headers = &self.head.headers;
        let mut all: Map<String, Value> = headers
            .keys()
            .map(|name| name.as_str())
            .filter(|name| *name != COOKIE.as_str() && !HOP_BY_HOP.contains(name))
            .filter_map(|name| Some((name.to_owned(), header_text(headers, name)?.into())))
            .collect();
        // The gateway appends the client to the addresses that a proxy or the client has sent.
        let sender = self.peer.ip().to_string();
        let forwarded_for = match header_text(headers, "x-forwarded-for") {
            Some(before) => format!("{before}, {sender}"),
            None => sender,
        };
        all.insert("x-forwarded-for".to_owned(), forwarded_for.into());
        all.insert("x-forwarded-proto".to_owned(), "http".into());
        let port = self.authority.port_u16().unwrap_or(80);
        all.insert("x-forwarded-port".to_owned(), port.to_string().into());
        all.insert("host".to_owned(), self.authority.as_str().into());
        all.insert("x-amzn-trace-id".to_owned(), self.trace_id().into());
        all
    }

    /// Returns the value of the `X-Amzn-Trace-Id` header.
    fn trace_id(&self) -> String {
        let mut id = self.id.clone().into_bytes();
        id.truncate(12);
        format!("Root=1-{:08x}-{}", self.now.seconds(), HEXLOWER.encode(&id))
    }
}

fn protocol(version: Version) -> &'static str {
    if version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" }
}

/// Returns the values of a header, joined as API Gateway does.
fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// Returns the cookies of all `Cookie` headers.
fn cookies(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .map(|header| String::from_utf8_lossy(header.as_bytes()))
        .flat_map(|header| {
            let cookies = header.split(';').map(|cookie| cookie.trim().to_owned());
            cookies.filter(|cookie| !cookie.is_empty()).collect::<Vec<_>>()
        })
        .collect()
}

/// Returns the decoded query parameters. Repeated parameters are joined.
fn query_parameters(query: &str) -> Option<Value> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        all.entry(name.into_owned())
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    (!all.is_empty()).then(|| json!(all))
}

/// Returns the body, and whether it is encoded as Base64. Only text is not encoded.
fn body(headers: &HeaderMap, body: &[u8]) -> (String, bool) {
    let content_type = header_text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let is_text = essence.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"]
            .contains(&essence.as_str());
    match std::str::from_utf8(body) {
        Ok(body) if is_text || body.is_empty() => (body.to_owned(), false),
        Ok(_) | Err(_) => (BASE64.encode(body), true),
    }
}

/// Formats a time like `12/Mar/2026:19:03:58 +0000`.
fn common_log_time(now: Timestamp) -> String {
    jiff::Timestamp::from_second(now.seconds())
        .unwrap_or_default()
        .strftime("%d/%b/%Y:%H:%M:%S +0000")
        .to_string()
}

#[cfg(test)]
mod tests;
