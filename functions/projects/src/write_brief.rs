//! `PUT /v1/projects/{project_id}/brief`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Credential;
use shared::http::openapi::{BodyErrors, OrganizationErrors, Unavailable};
use shared::http::{self, ErrorBody, Id, Input, Keyed};
use shared::ids::ProjectId;
use shared::projects::brief::write::write;
use shared::projects::brief::{BriefView, MOST_BYTES, Markdown};
use shared::requester::Requester;
use utoipa::ToSchema;

/// Longest body, in bytes: JSON may write each byte of the text as six (`\u0041`).
const MAX_BODY_BYTES: usize = 8 * MOST_BYTES;

/// What it is to be.
#[derive(Deserialize, ToSchema)]
#[schema(as = WriteBrief)]
pub(crate) struct Request {
    /// Markdown, at most 262,144 bytes of UTF-8, without control characters other than line ends and tabs;
    /// it may be empty.
    #[schema(example = "# Churn\n\nWho leaves, and *why*?")]
    content: String,
}

/// Write a project's brief
///
/// It takes the place of what was there. Of two at the same time the later one counts.
#[utoipa::path(
    put,
    path = "/v1/projects/{project_id}/brief",
    tag = "Projects",
    security(("session" = []), ("bearer" = [])),
    params(("project_id" = String, Path, description = "The project's id")),
    request_body = Request,
    responses(
        (status = 200, body = BriefView, description = "The brief as it is now"),
        (status = 400, body = ErrorBody, description = "`MISSING_CONTENT`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_COPYING` of a fork whose `status` isn't `ready`"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn write_brief(
    State(ctx): State<Context>,
    requester: Requester,
    credential: Credential,
    Id(id): Id<ProjectId>,
    input: Input<Request, MAX_BODY_BYTES>,
) -> http::Result<Json<BriefView>> {
    let content = |body: Request| Markdown::parse("content", body.content);
    let Keyed { body: content, .. } = input.parse(content).await?;
    Ok(Json(write(&ctx, &requester, &credential, &id, &content).await?))
}
