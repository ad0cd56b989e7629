//! A proxy that adds a delay to every call of AWS, as a network would.

use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::error::Result;

/// The delay of each call. DynamoDB answers within single-digit milliseconds.
/// <https://aws.amazon.com/dynamodb/>
pub(crate) const DELAY: Duration = Duration::from_millis(5);

/// A proxy that runs until it is dropped.
pub(crate) struct SlowAws {
    /// The URL that functions get in `AWS_ENDPOINT_URL`.
    pub(crate) url: String,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Target {
    url: String,
    http: Client,
}

impl SlowAws {
    /// Starts a proxy in front of `target` on a free loopback port.
    pub(crate) async fn start(target: &str) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let target = Target { url: target.to_owned(), http: Client::new() };
        let router = Router::new().fallback(forward).with_state(target);
        let server = tokio::spawn(async move {
            // It ends with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, server })
    }
}

impl Drop for SlowAws {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn forward(State(target): State<Target>, request: Request) -> Response {
    tokio::time::sleep(DELAY).await;
    match call(&target, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

async fn call(target: &Target, request: Request) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.headers.remove("host");
    let answer = target
        .http
        .request(parts.method, format!("{}{path}", target.url))
        .headers(parts.headers)
        .body(to_bytes(body, usize::MAX).await?)
        .send()
        .await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = Response::new(Body::from(answer.bytes().await?));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
