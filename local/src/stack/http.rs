//! The routes behind the port of a stack.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::{Router, middleware};
use google_simulator::GoogleSimulator;
use stripe_simulator::StripeSimulator;
use tokio::net::TcpListener;

use crate::control::{self, ControlState};
use crate::gateway::{self, Gateway, only_this_machine};
use crate::slack::{self, SlackSimulator};
use crate::stoppable_task::StoppableTask;

/// The parts of a stack that answer requests.
pub(super) struct HttpEndpoints {
    pub(super) gateway: Gateway,
    pub(super) control: ControlState,
    pub(super) google: GoogleSimulator,
    pub(super) slack: SlackSimulator,
    pub(super) stripe: Option<Arc<StripeSimulator>>,
}

impl HttpEndpoints {
    /// Answers requests until the server is stopped.
    pub(super) fn serve(self, listener: TcpListener) -> StoppableTask {
        let mut local = control::router(self.control)
            .nest("/google", google_simulator::router(self.google))
            .nest("/slack", slack::router(self.slack));
        if let Some(stripe) = self.stripe {
            local = local.nest("/stripe", stripe_simulator::router(stripe));
        }
        let local = local.layer(middleware::from_fn(only_this_machine));
        let app = Router::new()
            .fallback(gateway::handle)
            .with_state(Arc::new(self.gateway))
            .nest("/local", local)
            .into_make_service_with_connect_info::<SocketAddr>();
        StoppableTask::spawn(|stop| async move {
            let serve = axum::serve(listener, app).with_graceful_shutdown(stop.wait());
            if let Err(error) = serve.await {
                tracing::error!(cause = ?error, "the gateway stopped");
            }
        })
    }
}
