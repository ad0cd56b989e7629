//! Requests from many networks. Public calls are throttled for each network, and a benchmark has only one.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::RequestBuilder;

/// The secret of the CDN whose headers the stack trusts. A CDN reports the address of the client.
pub(crate) const CDN_SECRET: &str = "bench";

/// Adds the headers with which a CDN passes on a request, with a client address from a network that was not used yet.
pub(crate) fn from_new_address(request: RequestBuilder) -> RequestBuilder {
    static NETWORKS: AtomicU32 = AtomicU32::new(0);
    // In 10.0.0.0/8, which has more addresses than a run has requests.
    let address =
        Ipv4Addr::from((10 << 24) | (NETWORKS.fetch_add(1, Ordering::Relaxed) % (1 << 24)));
    request
        .header("x-origin-verify", CDN_SECRET)
        .header("cloudfront-viewer-address", format!("{address}:443"))
}
