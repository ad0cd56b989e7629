//! An HTTP client with a source address of its own.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method};
use serde_json::Value;

use crate::Reply;

/// Starts a client that makes no TLS connections, so that it does not load the root certificates of the machine.
///
/// Loading them takes about ten milliseconds, and a test has many visitors.
pub(crate) fn plain_http() -> reqwest::ClientBuilder {
    Client::builder().tls_certs_only([])
}

/// An HTTP client with a source address that no other visitor has.
///
/// Throttles count by address, so a test meets them only when it reuses a visitor.
#[derive(Clone, Debug)]
pub struct Visitor {
    client: Client,
    base: String,
    address: IpAddr,
    headers: HeaderMap,
}

impl Visitor {
    /// Creates a visitor of the stack at `base`.
    pub fn new(base: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        // The whole of 127.0.0.0/8 is this machine.
        let [_, b, c, d] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let address = Ipv4Addr::new(127, b.saturating_add(1), c, d);
        Self::at(base, IpAddr::V4(address))
    }

    fn at(base: &str, address: IpAddr) -> Self {
        let client = plain_http()
            .local_address(address)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        // Not `localhost`: that may resolve to ::1, which a loopback address of IPv4 can't reach.
        let base = base.replace("//localhost", "//127.0.0.1");
        Self { client, base, address, headers: HeaderMap::new() }
    }

    /// Returns the source address of the visitor's connections.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Returns the origin of the stack: scheme, host and port.
    pub fn site(&self) -> String {
        self.base.replace("//127.0.0.1", "//localhost")
    }

    /// Adds a header to every request.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// Adds a session cookie to every request.
    #[must_use]
    pub fn with_session(self, token: &str) -> Self {
        self.with_header("cookie", &format!("__Host-aius_session={token}"))
    }

    /// Adds a bearer token to every request.
    #[must_use]
    pub fn with_bearer(self, token: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {token}"))
    }

    /// Sends a `GET` request.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// Sends a `POST` request with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send_json(Method::POST, path, &body).await
    }

    /// Sends a request with a JSON body.
    pub async fn send_json(&self, method: Method, path: &str, body: &Value) -> Reply {
        self.send(method, path, Some(("application/json", body.to_string().into()))).await
    }

    /// Sends a `POST` request with any body.
    pub async fn post_raw(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        self.send(Method::POST, path, Some((content_type, body.into()))).await
    }

    /// Sends a request.
    pub async fn send(&self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Reply {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.base))
            .headers(self.headers.clone());
        if let Some((content_type, body)) = body {
            request = request.header("content-type", content_type).body(body);
        }
        Reply::read(request.send().await.expect("the gateway answers")).await
    }
}
