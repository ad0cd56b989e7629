//! `PUT /v1/projects/{project_id}/brief`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BodyErrors, OrganizationErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody, Id, IdempotentBody};
use shared::ids::ProjectId;
use shared::projects::brief::write::write;
use shared::projects::brief::{BriefView, MAX_BRIEF_BYTES, Markdown};
use utoipa::ToSchema;

/// Maximum size of the body in bytes. JSON may encode each byte of the text as six (`\u0041`).
const MAX_BODY_BYTES: usize = 8 * MAX_BRIEF_BYTES;

/// Parameters for writing a project's brief.
#[derive(Deserialize, ToSchema)]
#[schema(as = WriteBrief)]
pub(crate) struct Request {
    /// The Markdown text: at most 262,144 bytes of UTF-8, without control characters other than
    /// line ends and tabs. It may be empty.
    #[schema(example = "# Churn\n\nWho leaves, and *why*?")]
    content: String,
}

/// Write a project's brief
///
/// Replaces the brief. Of two concurrent requests, the later one is stored.
#[utoipa::path(
    put,
    path = "/v1/projects/{project_id}/brief",
    tag = "Projects",
    security(("session" = []), ("bearer" = ["projects:write"])),
    params(("project_id" = String, Path, description = "The project's id")),
    request_body = Request,
    responses(
        (status = 200, body = BriefView, description = "The new brief"),
        (status = 400, body = ErrorBody, description = "`MISSING_CONTENT`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_COPYING`: wait until the fork's `status` is `ready`"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn write_brief(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ProjectId>,
    input: CallerBody<Request, MAX_BODY_BYTES>,
) -> http::Result<Json<BriefView>> {
    let content = |body: Request| Markdown::parse("content", body.content);
    let IdempotentBody { body: content, .. } = input.parse(content).await?;
    Ok(Json(write(&ctx, &caller, &id, &content).await?))
}
