//! `PATCH /v1/passkeys/{passkey_id}`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::accounts::passkeys::{PasskeyView, rename};
use shared::context::Context;
use shared::http::openapi::{BodyErrors, SessionErrors, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody, Id};
use shared::ids::PasskeyId;
use shared::values::Name;
use utoipa::ToSchema;

/// Parameters for renaming a passkey.
#[derive(Deserialize, ToSchema)]
#[schema(as = RenamePasskey)]
pub(crate) struct Request {
    /// The new name, on one line.
    #[schema(example = "Work laptop", max_length = 100)]
    name: String,
}

/// Rename a passkey
///
/// Gives a passkey another name.
#[utoipa::path(
    patch,
    path = "/v1/passkeys/{passkey_id}",
    tag = "Passkeys",
    security(("session" = [])),
    params(("passkey_id" = String, Path, description = "The passkey's id, from `GET /v1/passkeys`")),
    request_body = Request,
    responses(
        (status = 200, body = PasskeyView, description = "The passkey has the new name"),
        (status = 400, body = ErrorBody, description = "`MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        SessionErrors,
        (status = 404, body = ErrorBody, description = "`NOT_FOUND`: the account has no passkey with this id"),
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn rename_passkey(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Id(id): Id<PasskeyId>,
    Body(body): Body<Request>,
) -> http::Result<Json<PasskeyView>> {
    let name = Name::parse(&body.name)?;
    Ok(Json(rename::rename_passkey(&ctx, &signed_in, &id, &name).await?))
}
