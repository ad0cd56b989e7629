//! `PATCH /v1/projects/{project_id}`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::error::{Error, Result};
use shared::http::openapi::{BodyErrors, OrganizationErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody, Id, IdempotentBody};
use shared::ids::ProjectId;
use shared::projects::change::{ProjectChange, change};
use shared::projects::{Description, ProjectView};
use shared::values::Name;
use utoipa::ToSchema;

/// Changes to a project. A missing field is unchanged; null or an empty string clears a field.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangeProject)]
pub(crate) struct Request {
    /// The new name, on one line. It must be unique within the organization, regardless of case,
    /// and cannot be cleared.
    #[serde(default, deserialize_with = "http::deserialize_nullable")]
    #[schema(value_type = Option<String>, example = "Churn analysis", max_length = 100)]
    name: Option<Option<String>>,
    /// The new description, on one line.
    #[serde(default, deserialize_with = "http::deserialize_nullable")]
    #[schema(value_type = Option<String>, example = "Q3 churn model", max_length = 1000)]
    description: Option<Option<String>>,
}

impl Request {
    fn parse(self) -> Result<ProjectChange> {
        let name = match self.name {
            None => None,
            Some(name) => Some(Name::parse(&name.ok_or_else(|| Error::missing("name"))?)?),
        };
        let description = match self.description {
            None => None,
            Some(text) => Some(Description::parse(&text.unwrap_or_default())?),
        };
        Ok(ProjectChange { name, description })
    }
}

/// Update a project
///
/// Changes the fields that are sent: the name, the description, or both.
#[utoipa::path(
    patch,
    path = "/v1/projects/{project_id}",
    tag = "Projects",
    security(("session" = []), ("bearer" = ["projects:write"])),
    params(("project_id" = String, Path, description = "The project's id")),
    request_body = Request,
    responses(
        (status = 200, body = ProjectView, description = "The updated project"),
        (status = 400, body = ErrorBody, description = "`MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_NAME_TAKEN`: choose another name"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn change_project(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<ProjectId>,
    input: CallerBody<Request>,
) -> http::Result<Json<ProjectView>> {
    let IdempotentBody { body: project_change, .. } = input.parse(Request::parse).await?;
    Ok(Json(change(&ctx, &caller, &id, &project_change).await?))
}
