//! Listens on loopback ports.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::net::TcpListener;

use crate::StartError;

/// Listens on a port of 127.0.0.1; 0 selects a free one.
///
/// # Errors
/// [`StartError::PortTaken`] if another process listens on the port, [`StartError::Listen`] if listening
/// fails otherwise.
pub(crate) async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(|error| {
        if error.kind() == ErrorKind::AddrInUse {
            StartError::PortTaken(port)
        } else {
            StartError::Listen(error)
        }
    })?;
    let address = listener.local_addr().map_err(StartError::Listen)?;
    Ok((listener, address))
}

/// Serves a router on the listener's port until the runtime ends. The servers of the tests call this, because this
/// crate is optimized when they run.
pub fn serve_router(listener: TcpListener, router: Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}
