//! `DELETE /v1/clients/{client_id}`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shared::clock::Timestamp;
use shared::context::Context;
use shared::http::openapi::{BodyErrors, OrganizationRecentProofErrors, Unavailable};
use shared::http::{
    self, CallerBody, ErrorBody, Id, IdempotentBody, SessionCaller, require_not_blank,
};
use shared::ids::OrganizationId;
use shared::organizations::delete::delete;
use utoipa::ToSchema;

/// Parameters for deleting an organization.
#[derive(Deserialize, ToSchema)]
#[schema(as = DeleteOrganization)]
pub(crate) struct Request {
    /// The organization's name, as a confirmation.
    #[schema(example = "Acme Corp")]
    confirm: String,
}

/// Confirmation that the organization was deleted.
#[derive(Serialize, ToSchema)]
#[schema(as = OrganizationDeleted)]
pub(crate) struct ResponseBody {
    /// Whether the organization was deleted; always `true`.
    #[schema(example = true)]
    deleted: bool,
    /// Until when the owner can restore the organization.
    deletion_scheduled_at: Timestamp,
}

/// Delete an organization
///
/// Ends the access of all members at once, revokes the organization's API keys and cancels its
/// subscription. The members are mailed. The owner can restore the organization for 7 days; then its
/// members, invitations and projects are deleted. Only the owner may call this. The default
/// organization of an account cannot be deleted.
#[utoipa::path(
    delete,
    path = "/v1/clients/{client_id}",
    tag = "Organizations",
    security(("session" = [])),
    params(("client_id" = String, Path, description = "The organization's id")),
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The organization was deleted"),
        (status = 400, body = ErrorBody, description = "`INVALID_FIELD`: `confirm` is not the organization's name; `MISSING_CONFIRM`, \
            `INVALID_JSON`"),
        OrganizationRecentProofErrors,
        (status = 409, body = ErrorBody, description = "`DEFAULT_CLIENT`: it is the owner's default organization"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn delete_client(
    State(ctx): State<Context>,
    SessionCaller(caller): SessionCaller,
    Id(id): Id<OrganizationId>,
    input: CallerBody<Request>,
) -> http::Result<Json<ResponseBody>> {
    let confirm =
        |body: Request| require_not_blank("confirm", &body.confirm).map(|()| body.confirm);
    let IdempotentBody { body: confirm, .. } = input.parse(confirm).await?;
    let deletion_scheduled_at = delete(&ctx, &caller, &id, &confirm).await?;
    Ok(Json(ResponseBody { deleted: true, deletion_scheduled_at }))
}
