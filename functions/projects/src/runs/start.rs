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

/// Parameters for starting a run.
#[derive(Deserialize, ToSchema)]
#[schema(as = StartRun)]
pub(crate) struct Request {
    /// How the run was started: by a person or by a schedule.
    kind: RunKind,
    /// The name of the run, on one line.
    #[schema(example = "Nightly tests", max_length = 100)]
    name: String,
    /// The status of the run; `running` by default. Send the outcome to report a run that has
    /// already ended.
    #[serde(default)]
    status: Option<RunStatus>,
    /// A summary of the outcome, of one or more lines. Only a run that has ended has one.
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
/// Records that a run has started, or that it has already ended if `status` is its outcome.
/// Notifies members of a run that has ended, as their preferences say. All members and API keys may
/// call this.
#[utoipa::path(
    post,
    path = "/v1/projects/{project_id}/runs",
    tag = "Runs",
    security(("session" = []), ("bearer" = ["runs:write"])),
    params(
        ("project_id" = String, Path, description = "The project's id"),
        IdempotencyKeyHeader,
    ),
    request_body = Request,
    responses(
        (status = 200, body = RunView, description = "The run was recorded"),
        (status = 400, body = ErrorBody, description = "`MISSING_KIND`, `MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_COPYING`: wait until the fork's `status` is `ready`; \
            `IDEMPOTENCY_CONFLICT`: use a new key"),
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
