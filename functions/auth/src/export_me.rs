//! `GET /v1/me/export`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::CONTENT_DISPOSITION;
use shared::accounts::export::{Export, export};
use shared::context::Context;
use shared::http::openapi::{SessionErrors, Unavailable};
use shared::http::{self, CurrentSession};

/// Makes browsers save the answer as a file.
const ATTACHMENT: &str = r#"attachment; filename="aius-account.json""#;

/// Export account data
///
/// Returns all data that is stored about the user, as a JSON file: the account, its sessions,
/// tokens, organizations and security events, without secrets. If a list is too long, the field
/// with its name and `_truncated` is `true`.
#[utoipa::path(
    get,
    path = "/v1/me/export",
    tag = "Account",
    security(("session" = [])),
    responses(
        (
            status = 200, body = Export, description = "All data of the account",
            headers(("content-disposition" = String, description = "The suggested file name"))
        ),
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn export_me(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<([(HeaderName, &'static str); 1], Json<Export>)> {
    let export = export(&ctx, &signed_in.user).await?;
    Ok(([(CONTENT_DISPOSITION, ATTACHMENT)], Json(export)))
}
