//! A loopback port that serves DynamoDB, Secrets Manager, SES and SQS to programs outside this process, such as the
//! AWS command line.

use aws_smithy_types::body::SdkBody;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use dynoxide::Database;
use tokio::net::TcpListener;
use tower::ServiceExt;

use super::dynamodb;
use crate::gateway::only_this_machine;
use crate::stoppable_task::StoppableTask;

/// The maximum size of a request, as DynamoDB's.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>
const MAX_REQUEST_BYTES: usize = 16 * 1024 * 1024;

/// The services behind the port.
#[derive(Clone)]
struct EndpointServices {
    /// The embedded DynamoDB; `None` with an external one.
    database: Option<Database>,
    /// Secrets Manager, SES and SQS.
    others: Router,
}

/// Serves the embedded services on the listener's port until the task is stopped. Requests are told apart by their
/// `x-amz-target` header, and their signatures are not checked.
pub(super) fn serve(
    listener: TcpListener,
    database: Option<Database>,
    others: Router,
) -> StoppableTask {
    let services = EndpointServices { database, others };
    let router = Router::new().fallback(handle).with_state(services);
    super::serve::serve(listener, router.layer(middleware::from_fn(only_this_machine)), "AWS")
}

async fn handle(State(services): State<EndpointServices>, request: Request) -> Response {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
    let is_dynamodb = target.is_some_and(|target| target.starts_with("DynamoDB"));
    match services.database {
        Some(database) if is_dynamodb => call_dynamodb(&database, request).await,
        Some(_) | None => services.others.oneshot(request).await.into_response(),
    }
}

async fn call_dynamodb(database: &Database, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_REQUEST_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = Request::from_parts(parts, SdkBody::from(body));
    dynamodb::handle(database, &request).map(Body::new)
}
