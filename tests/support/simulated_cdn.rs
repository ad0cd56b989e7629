//! A CDN in front of a stack, which treats headers as CloudFront does with the settings of `cdn.yaml`.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use shared::http::{CDN_SECRET_HEADER, VIEWER_ADDRESS_HEADER};
use tokio::net::TcpListener;

use crate::{TestApp, Visitor};

/// A CDN in front of a stack. It sends the address of each viewer and its secret, in place of headers of the same names
/// that a viewer sends.
pub struct SimulatedCdn {
    url: String,
    shared: Arc<Shared>,
}

struct Shared {
    /// The URL of the stack.
    origin: String,
    client: reqwest::Client,
    /// The secret that the CDN sends.
    secret: Mutex<String>,
}

impl SimulatedCdn {
    /// Starts a CDN in front of a stack.
    pub async fn start(app: &TestApp, secret: &str) -> Self {
        let origin = app.url().replace("//localhost", "//127.0.0.1");
        let client = crate::visitor::plain_http().redirect(reqwest::redirect::Policy::none());
        let shared = Arc::new(Shared {
            origin,
            client: client.build().unwrap(),
            secret: Mutex::new(secret.to_owned()),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(forward).with_state(shared.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { url, shared }
    }

    /// Creates a visitor with a source address of its own, whose requests come through the CDN.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(&self.url)
    }

    /// Sends another secret from now on.
    pub fn send_secret(&self, secret: &str) {
        secret.clone_into(&mut self.shared.secret.lock().unwrap());
    }
}

/// Headers of one connection, which the client sets for its own.
const CONNECTION_HEADERS: [&str; 3] = ["connection", "content-length", "transfer-encoding"];

async fn forward(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(viewer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (Parts { method, uri, mut headers, .. }, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    CONNECTION_HEADERS.iter().for_each(|name| drop(headers.remove(*name)));
    let secret = shared.secret.lock().unwrap().clone();
    headers.insert(CDN_SECRET_HEADER, HeaderValue::from_str(&secret).unwrap());
    let address = HeaderValue::from_str(&viewer.to_string()).unwrap();
    headers.insert(VIEWER_ADDRESS_HEADER, address);
    let url = format!("{}{uri}", shared.origin);
    let request = shared.client.request(method, url).headers(headers).body(body);
    let answer = request.send().await.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    CONNECTION_HEADERS.iter().for_each(|name| drop(headers.remove(*name)));
    (status, headers, answer.bytes().await.unwrap()).into_response()
}
