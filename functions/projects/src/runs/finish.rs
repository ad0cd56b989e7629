//! `PATCH /v1/runs/{run_id}`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Credential;
use shared::http::openapi::{BodyErrors, OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Id, Input, Keyed};
use shared::ids::RunId;
use shared::requester::Requester;
use shared::runs::finish::finish;
use shared::runs::{Outcome, RunView, Summary};
use utoipa::ToSchema;

/// How it ended.
#[derive(Deserialize, ToSchema)]
#[schema(as = FinishRun)]
pub(crate) struct Request {
    /// Well or not.
    status: Outcome,
    /// What there is to say; may have several lines.
    #[schema(example = "3 of 40 tests failed", max_length = 2000)]
    summary: Option<String>,
}

impl Request {
    fn read(self) -> shared::error::Result<(Outcome, Option<Summary>)> {
        let summary = self.summary.as_deref().map(Summary::parse).transpose()?.flatten();
        Ok((self.status, summary))
    }
}

/// Finish a run
///
/// Final. Members of the client are told as they asked for it: of a run that failed, and of every scheduled
/// one. Sent again it is answered as before; anything else of a run that has ended is refused.
#[utoipa::path(
    patch,
    path = "/v1/runs/{run_id}",
    tag = "Runs",
    security(("session" = []), ("bearer" = [])),
    params(("run_id" = String, Path, description = "The run's id")),
    request_body = Request,
    responses(
        (status = 200, body = RunView, description = "The run as it ended"),
        (status = 400, body = ErrorBody, description = "`MISSING_STATUS`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`RUN_FINISHED`"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn finish_run(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<RunId>,
    input: Input<Request>,
) -> http::Result<Json<RunView>> {
    let Keyed { body: (outcome, summary), .. } = input.parse(Request::read).await?;
    Ok(Json(finish(&ctx, &requester, &credential, &id, outcome, summary).await?))
}
