//! Converts a request to an event of API Gateway, in payload format 2.0.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::{IpAddr, SocketAddr};

use axum::http::header::{AsHeaderName, CONTENT_TYPE, COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Version};
use data_encoding::{BASE64, HEXLOWER};
use percent_encoding::percent_decode_str;
use serde::Serialize;
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

/// An event as JSON. Empty fields are omitted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventJson<'e> {
    version: &'static str,
    route_key: &'e str,
    raw_path: &'e str,
    raw_query_string: &'e str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<&'e str, Cow<'e, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: RequestContextJson<'e>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: &'e BTreeMap<&'e str, String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    body: Cow<'e, str>,
    is_base64_encoded: bool,
}

/// The member `requestContext` of an event.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContextJson<'e> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'e str,
    domain_prefix: &'e str,
    http: HttpJson<'e>,
    request_id: &'e str,
    route_key: &'e str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

/// The member `requestContext.http` of an event.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpJson<'e> {
    method: &'e str,
    path: &'e str,
    protocol: &'static str,
    source_ip: IpAddr,
    user_agent: Cow<'e, str>,
}

impl GatewayEvent<'_> {
    /// Returns the event as JSON.
    pub(super) fn to_json(&self) -> String {
        let headers = &self.head.headers;
        let route_key = self.target.route.key();
        let domain = self.authority.host().to_ascii_lowercase();
        let query = self.head.uri.query().unwrap_or_default();
        let (body, is_base64_encoded) = body(headers, self.body);
        let event = EventJson {
            version: "2.0",
            route_key,
            raw_path: self.path,
            raw_query_string: query,
            cookies: cookies(headers),
            headers: self.headers(),
            query_string_parameters: query_parameters(query),
            request_context: RequestContextJson {
                // The account ID of AWS's examples.
                account_id: "123456789012",
                api_id: "local",
                domain_name: &domain,
                domain_prefix: domain.split('.').next().unwrap_or_default(),
                http: HttpJson {
                    method: self.head.method.as_str(),
                    path: self.path,
                    protocol: protocol(self.head.version),
                    source_ip: self.peer.ip(),
                    user_agent: header_text(headers, USER_AGENT).unwrap_or_default(),
                },
                request_id: &self.id,
                route_key,
                stage: "$default",
                time: common_log_time(self.now),
                time_epoch: self.now.seconds() * 1000,
            },
            path_parameters: &self.target.parameters,
            body,
            is_base64_encoded,
        };
        // Texts and maps of texts can always be written.
        serde_json::to_string(&event).unwrap_or_default()
    }

    /// Returns the headers by name without cookies. Repeated headers are joined.
    fn headers(&self) -> BTreeMap<&str, Cow<'_, str>> {
        let mut all: BTreeMap<&str, Cow<'_, str>> = BTreeMap::new();
        for (name, value) in &self.head.headers {
            let name = name.as_str();
            if name == COOKIE.as_str() || HOP_BY_HOP.contains(&name) {
                continue;
            }
            let value = String::from_utf8_lossy(value.as_bytes());
            match all.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(mut entry) => {
                    let joined = format!("{},{value}", entry.get());
                    entry.insert(Cow::Owned(joined));
                }
            }
        }
        // The gateway appends the client to the addresses that a proxy or the client has sent.
        let sender = self.peer.ip();
        let forwarded_for = match all.get("x-forwarded-for") {
            Some(before) => format!("{before}, {sender}"),
            None => sender.to_string(),
        };
        all.insert("x-forwarded-for", Cow::Owned(forwarded_for));
        all.insert("x-forwarded-proto", Cow::Borrowed("http"));
        let port = self.authority.port_u16().unwrap_or(80);
        all.insert("x-forwarded-port", Cow::Owned(port.to_string()));
        all.insert("host", Cow::Borrowed(self.authority.as_str()));
        all.insert("x-amzn-trace-id", Cow::Owned(self.trace_id()));
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
fn header_text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<Cow<'_, str>> {
    let values = headers.get_all(name).iter();
    let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.reduce(|joined, value| Cow::Owned(format!("{joined},{value}")))
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
fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        all.entry(name.into_owned())
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    all
}

/// Returns the body, and whether it is encoded as Base64. Only text is not encoded.
fn body<'b>(headers: &HeaderMap, body: &'b [u8]) -> (Cow<'b, str>, bool) {
    let content_type = header_text(headers, CONTENT_TYPE).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    let is_text = essence.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"]
            .contains(&essence.as_str());
    match std::str::from_utf8(body) {
        Ok(body) if is_text || body.is_empty() => (Cow::Borrowed(body), false),
        Ok(_) | Err(_) => (Cow::Owned(BASE64.encode(body)), true),
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
