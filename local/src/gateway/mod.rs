//! API Gateway's HTTP API: converts each request to an event, invokes the function of its route, and converts
//! the function's response to an HTTP response.

mod environment_line;
mod event;
mod function;
mod host;
mod limits;
mod response;
mod routes;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use shared::clock::{Clock, Stopwatch};
use shared::dynamo::meter::{self, Usage};
use shared::random::Random;

use crate::clock::MovableClock;
use crate::stack_event::{EventListener, StackEvent};
use crate::stream::StreamPoller;
use crate::template::Template;
use function::Functions;

pub(crate) use function::FunctionResources;
use response::gateway_error;
use routes::Routes;

pub(crate) use host::only_this_machine;

/// The header with the cost of a request at DynamoDB, such as `calls=2;trips=1;rcu=1;wcu=0`.
const USAGE_HEADER: HeaderName = HeaderName::from_static("x-local-dynamodb");

/// The gateway of one stack.
pub(crate) struct Gateway {
    routes: Routes,
    functions: Functions,
    clock: Arc<MovableClock>,
    random: Arc<dyn Random>,
    poller: StreamPoller,
    event_listener: EventListener,
}

impl Gateway {
    /// Creates a gateway with the routes of the template.
    ///
    /// # Errors
    /// A message if API Gateway would refuse a route, or the local stack does not support a function.
    pub(crate) fn new(
        template: &Template,
        resources: FunctionResources<'_>,
        clock: Arc<MovableClock>,
        poller: StreamPoller,
        event_listener: EventListener,
    ) -> Result<Self, String> {
        Ok(Self {
            routes: Routes::from_template(template)?,
            functions: Functions::from_template(template, &resources)?,
            clock,
            random: resources.contexts.ctx.random.clone(),
            poller,
            event_listener,
        })
    }

    async fn respond(&self, peer: SocketAddr, request: Request) -> RoutedResponse<'_> {
        let (parts, body) = request.into_parts();
        if limits::is_head_too_long(&parts) {
            return RoutedResponse::refused(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        let Some(authority) = host::authority(&parts.uri, &parts.headers) else {
            return RoutedResponse::refused(StatusCode::BAD_REQUEST);
        };
        let path = event::decoded_path(parts.uri.path());
        let Some(target) = self.routes.find(parts.method.as_str(), &path) else {
            return RoutedResponse::refused(StatusCode::NOT_FOUND);
        };
        let route = target.route.path();
        let Some(body) = limits::read_body(body).await else {
            return RoutedResponse::of(route, gateway_error(StatusCode::PAYLOAD_TOO_LARGE));
        };
        let event = event::GatewayEvent {
            id: event::request_id(&*self.random),
            now: self.clock.now(),
            peer,
            target: &target,
            authority: &authority,
            path: &path,
            head: &parts,
            body: &body,
        };
        let payload = event.to_json();
        if limits::is_too_long_for_lambda(&payload) {
            return RoutedResponse::of(route, gateway_error(StatusCode::PAYLOAD_TOO_LARGE));
        }
        let invocation = self.functions.invoke(target.route.function(), &payload);
        // The meter counts within one task, so the function runs in this one.
        let (response, usage) = meter::measure(invocation).await;
        if usage.wcu > 0.0 {
            self.poller.wake();
        }
        let mut response =
            response.unwrap_or_else(|()| gateway_error(StatusCode::INTERNAL_SERVER_ERROR));
        if let Ok(usage) = HeaderValue::from_str(&usage.to_string()) {
            response.headers_mut().insert(USAGE_HEADER, usage);
        }
        RoutedResponse { route, response, usage }
    }
}

/// A response with its route and cost.
struct RoutedResponse<'r> {
    route: &'r str,
    response: Response,
    usage: Usage,
}

impl<'r> RoutedResponse<'r> {
    fn of(route: &'r str, response: Response) -> Self {
        Self { route, response, usage: Usage::default() }
    }

    fn refused(status: StatusCode) -> Self {
        Self::of("-", gateway_error(status))
    }
}

/// Answers any request outside `/local`.
pub(crate) async fn handle(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let watch = Stopwatch::start();
    let method = request.method().clone();
    let RoutedResponse { route, response, usage } = gateway.respond(peer, request).await;
    (gateway.event_listener)(StackEvent::Request {
        method: method.as_str(),
        route,
        status: response.status().as_u16(),
        milliseconds: watch.milliseconds(),
        usage,
    });
    response
}
