//! `POST /v1/projects/{project_id}/fork`

use axum::extract::State;
use axum::response::Response;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{self, ErrorBody, Id, NoBody, idempotent_response};
use shared::ids::ProjectId;
use shared::projects::ProjectView;
use shared::projects::fork::fork;

/// Fork a project
///
/// Creates a project with the current brief and the latest version of each artifact, which becomes
/// version 1. The fork is named `<name> (fork)`, or `<name> (fork 2)` and so on if that name is
/// taken.
///
/// Copying many artifacts takes time. Until the `status` of the fork is `ready`, some artifacts are
/// missing and none can be changed.
#[utoipa::path(
    post,
    path = "/v1/projects/{project_id}/fork",
    tag = "Projects",
    security(("session" = []), ("bearer" = ["projects:write"])),
    params(
        ("project_id" = String, Path, description = "The id of the project to fork"),
        IdempotencyKeyHeader,
    ),
    responses(
        (status = 200, body = ProjectView, description = "The fork, which is ready or still being copied"),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD`: the `Idempotency-Key` is malformed"),
        (status = 402, body = ErrorBody, description = "`PLAN_LIMIT`: upgrade the plan, or delete a project"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_COPYING`: wait until the fork's `status` is `ready`; \
            `IDEMPOTENCY_CONFLICT`: use a new key"),
        Unavailable,
    )
)]
pub(crate) async fn fork_project(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ProjectId>,
    input: NoBody,
) -> http::Result<Response> {
    let idempotency_key = input.idempotency_key().await?;
    Ok(idempotent_response(fork(&ctx, &caller, &idempotency_key, &id).await?))
}
