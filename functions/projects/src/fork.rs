//! `POST /v1/projects/{project_id}/fork`

use axum::extract::State;
use axum::response::Response;
use shared::context::Context;
use shared::credentials::Credential;
use shared::http::openapi::{OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Id, NoInput, answer};
use shared::ids::ProjectId;
use shared::projects::ProjectView;
use shared::projects::fork::fork;
use shared::requester::Requester;

/// Fork a project
///
/// A new project with the brief, and the latest version of each artifact, as they are at this moment; the
/// original is untouched. It is called `<name> (fork)`, or `(fork 2)` and so on where that is taken. Of many
/// artifacts the copying takes a while: until `status` is `ready`, some are missing and none can be changed.
/// Each begins with version 1.
#[utoipa::path(
    post,
    path = "/v1/projects/{project_id}/fork",
    tag = "Projects",
    security(("session" = []), ("bearer" = [])),
    params(
        ("project_id" = String, Path, description = "The id of the original"),
        ("Idempotency-Key" = Option<String>, Header, max_length = 255, description = "The same request again, within 24 hours, is answered as the first was"),
    ),
    responses(
        (status = 200, body = ProjectView, description = "The fork"),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD` for an `Idempotency-Key` that can't be one"),
        (status = 402, body = ErrorBody, description = "`PLAN_LIMIT`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_COPYING` of a fork whose `status` isn't `ready`; \
            `IDEMPOTENCY_CONFLICT`"),
        Unavailable,
    )
)]
pub(crate) async fn fork_project(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<ProjectId>,
    input: NoInput,
) -> http::Result<Response> {
    let once = input.once().await?;
    Ok(answer(fork(&ctx, &requester, &credential, &once, &id).await?))
}
