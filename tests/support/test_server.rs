//! Servers that stand in for other services.

use axum::Router;
use tokio::net::TcpListener;

/// Serves requests on a free port until the test ends. Returns the URL without a slash at its end.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    local::serve_router(listener, router);
    url
}
