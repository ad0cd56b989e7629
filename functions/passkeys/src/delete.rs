//! `DELETE /v1/passkeys/{passkey_id}`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::accounts::passkeys::delete;
use shared::context::Context;
use shared::http::openapi::{RecentProofErrors, Unavailable};
use shared::http::{self, CurrentSession, ErrorBody, Id};
use shared::ids::PasskeyId;
use utoipa::ToSchema;

/// Confirmation that a passkey was removed.
#[derive(Serialize, ToSchema)]
#[schema(as = PasskeyDeleted)]
pub(crate) struct ResponseBody {
    /// Whether the passkey was removed; always `true`.
    #[schema(example = true)]
    deleted: bool,
}

/// Remove a passkey
///
/// Removes a passkey, which can no longer sign in. Sessions stay valid. The owner gets a mail. Requires a proof of
/// identity of the last 10 minutes.
#[utoipa::path(
    delete,
    path = "/v1/passkeys/{passkey_id}",
    tag = "Passkeys",
    security(("session" = [])),
    params(("passkey_id" = String, Path, description = "The passkey's id, from `GET /v1/passkeys`")),
    responses(
        (status = 200, body = ResponseBody, description = "The passkey was removed"),
        RecentProofErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: the account has no passkey with this id"),
        (status = 409, body = ErrorBody, description = "`LAST_SIGN_IN_METHOD`: the account has neither a password, nor a Google \
            account, nor another passkey"),
        Unavailable,
    )
)]
pub(crate) async fn delete_passkey(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Id(id): Id<PasskeyId>,
) -> http::Result<Json<ResponseBody>> {
    delete::delete_passkey(&ctx, &signed_in, &id).await?;
    Ok(Json(ResponseBody { deleted: true }))
}
