//! `POST /v1/projects/{project_id}/runs`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BodyErrors, OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, CallerBody, ErrorBody, Id, IdempotentBody, idempotent_response};
use shared::ids::ProjectId;
use shared::runs::start::{NewRun, start};
use shared::runs::{RunKind, RunStatus, RunSummary, RunView};
use shared::values::Name;
use utoipa::ToSchema;

/// The run to start.
#[derive(Deserialize, ToSchema)]
#[schema(as = StartRun)]
pub(crate) struct Request {
    /// How the run was started: by a person or by a schedule.
    kind: RunKind,
    /// The run's name, on one line.
    #[schema(example = "Nightly tests", max_length = 100)]
    name: String,
    /// The status; `running` by default. A run that has ended is reported with its outcome.
    #[serde(default)]
    status: Option<RunStatus>,
    /// A summary of a finished run, of one or more lines.
    #[schema(example = "3 of 40 tests failed", max_length = 2000)]
    summary: Option<String>,
}

impl Request {
    fn read(self) -> shared::error::Result<NewRun> {
        let summary = self.summary.as_deref().map(RunSummary::parse).transpose()?.flatten();
        NewRun::new(self.kind, Name::parse(&self.name)?, self.status.unwrap_or_default(), summary)
    }
}

/// Start a run
///
/// For every member, and for the client's API keys. To report a run that has already ended, set
/// `status` to its outcome; members are then notified as they have chosen.
#[utoipa::path(
    post,
    path = "/v1/projects/{project_id}/runs",
    tag = "Runs",
    security(("session" = []), ("bearer" = [])),
    params(
        ("project_id" = String, Path, description = "The project's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = RunView, description = "Started"),
        (status = 400, body = ErrorBody, description = "`MISSING_KIND`, `MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_COPYING`, `IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn start_run(
    State(ctx): State<Context>,
    caller: Caller,
    Id(project): Id<ProjectId>,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let IdempotentBody { body: new, idempotency_key } = input.parse(Request::read).await?;
    Ok(idempotent_response(start(&ctx, &caller, &idempotency_key, &project, &new).await?))
}
