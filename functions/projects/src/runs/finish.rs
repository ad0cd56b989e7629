//! `PATCH /v1/runs/{run_id}`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BodyErrors, OrganizationErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody, Id, IdempotentBody};
use shared::ids::RunId;
use shared::runs::finish::finish;
use shared::runs::{RunOutcome, RunSummary, RunView};
use utoipa::ToSchema;

/// Parameters for finishing a run.
#[derive(Deserialize, ToSchema)]
#[schema(as = FinishRun)]
pub(crate) struct Request {
    /// Whether the run succeeded or failed.
    status: RunOutcome,
    /// A summary of the outcome, of one or more lines.
    #[schema(example = "3 of 40 tests failed", max_length = 2000)]
    summary: Option<String>,
}

impl Request {
    fn read(self) -> shared::error::Result<(RunOutcome, Option<RunSummary>)> {
        let summary = self.summary.as_deref().map(RunSummary::parse).transpose()?.flatten();
        Ok((self.status, summary))
    }
}

/// Finish a run
///
/// Sets the final status. Notifies members of failed runs and of all scheduled runs, as their
/// preferences say. Repeating the request returns the same response; any other change to a finished
/// run is refused.
#[utoipa::path(
    patch,
    path = "/v1/runs/{run_id}",
    tag = "Runs",
    security(("session" = []), ("bearer" = ["runs:write"])),
    params(("run_id" = String, Path, description = "The run's id")),
    request_body = Request,
    responses(
        (status = 200, body = RunView, description = "The finished run"),
        (status = 400, body = ErrorBody, description = "`MISSING_STATUS`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`RUN_FINISHED`: the run has ended with another outcome"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn finish_run(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<RunId>,
    input: CallerBody<Request>,
) -> http::Result<Json<RunView>> {
    let IdempotentBody { body: (outcome, summary), .. } = input.parse(Request::read).await?;
    Ok(Json(finish(&ctx, &caller, &id, outcome, summary).await?))
}
