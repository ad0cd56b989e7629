//! `GET /v1/runs/{run_id}`

use axum::Json;
use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, Id};
use shared::ids::RunId;
use shared::runs::RunView;
use shared::runs::read::read;

/// Get a run
///
/// Returns a run with its current status.
#[utoipa::path(
    get,
    path = "/v1/runs/{run_id}",
    tag = "Runs",
    security(("session" = []), ("bearer" = ["projects:read"])),
    params(("run_id" = String, Path, description = "The run's id")),
    responses(
        (status = 200, body = RunView, description = "The run, with its current status"),
        OrganizationErrors,
        Unavailable,
    )
)]
pub(crate) async fn read_run(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<RunId>,
) -> http::Result<Json<RunView>> {
    Ok(Json(read(&ctx, &caller, &id).await?))
}
