//! `PATCH /v1/clients/{client_id}`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::context::Context;
use shared::credentials::Caller;
use shared::http::openapi::{BodyErrors, OrganizationErrors, Unavailable};
use shared::http::{self, CallerBody, ErrorBody, Id, IdempotentBody};
use shared::ids::OrganizationId;
use shared::organizations::OrganizationView;
use shared::organizations::rename::rename;
use shared::values::Name;
use utoipa::ToSchema;

/// Parameters for renaming an organization.
#[derive(Deserialize, ToSchema)]
#[schema(as = RenameOrganization)]
pub(crate) struct Request {
    /// The new name, on one line.
    #[schema(example = "Acme Corp", max_length = 100)]
    name: String,
}

/// Rename an organization
///
/// Changes the name of an organization. Only the owner and admins may call this.
#[utoipa::path(
    patch,
    path = "/v1/clients/{client_id}",
    tag = "Organizations",
    security(("session" = []), ("bearer" = ["clients:write"])),
    params(("client_id" = String, Path, description = "The organization's id")),
    request_body = Request,
    responses(
        (status = 200, body = OrganizationView, description = "The updated organization"),
        (status = 400, body = ErrorBody, description = "`MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn rename_client(
    State(ctx): State<Context>,
    caller: Caller,
    Id(id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Json<OrganizationView>> {
    let IdempotentBody { body: name, .. } = input.parse(|body| Name::parse(&body.name)).await?;
    Ok(Json(rename(&ctx, &caller, &id, &name).await?))
}
