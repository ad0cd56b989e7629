//! `POST /v1/projects`

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::error::Result;
use shared::http::openapi::{BodyErrors, OrganizationErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{
    self, CallerBody, ErrorBody, IdempotentBody, idempotent_response, parse_org_id,
};
use shared::projects::create::{NewProject, create};
use shared::projects::{Description, ProjectView};
use shared::values::Name;
use utoipa::ToSchema;

/// Parameters for creating a project.
#[derive(Deserialize, ToSchema)]
#[schema(as = CreateProject)]
pub(crate) struct Request {
    /// The id of the organization that the project belongs to.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    org_id: String,
    /// The name of the project, on one line. It must be unique within the organization, regardless
    /// of case.
    #[schema(example = "Churn analysis", max_length = 100)]
    name: String,
    /// The description of the project, on one line.
    #[schema(example = "Q3 churn model", max_length = 1000)]
    description: Option<String>,
}

impl Request {
    fn parse(self) -> Result<NewProject> {
        let client_id = parse_org_id(&self.org_id)?;
        let name = Name::parse(&self.name)?;
        let description = Description::parse(&self.description.unwrap_or_default())?;
        Ok(NewProject { client_id, name, description })
    }
}

/// Create a project
///
/// Creates an empty project in an organization. The organization's plan limits the number of its projects.
#[utoipa::path(
    post,
    path = "/v1/projects",
    tag = "Projects",
    security(("session" = []), ("bearer" = ["projects:write"])),
    params(IdempotencyKeyHeader),
    request_body = Request,
    responses(
        (status = 200, body = ProjectView, description = "The project was created"),
        (status = 400, body = ErrorBody, description = "`MISSING_ORG_ID`, `MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        (status = 402, body = ErrorBody, description = "`PLAN_LIMIT`: upgrade the plan, or delete a project"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_NAME_TAKEN`: choose another name; `IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn create_project(
    State(ctx): State<Context>,
    caller: Caller,
    input: CallerBody<Request>,
) -> http::Result<Response> {
    let IdempotentBody { body: new_project, idempotency_key } = input.parse(Request::parse).await?;
    Ok(idempotent_response(create(&ctx, &caller, &idempotency_key, &new_project).await?))
}
