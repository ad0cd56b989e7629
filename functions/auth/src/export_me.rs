//! `GET /v1/me/export`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::CONTENT_DISPOSITION;
use shared::accounts::export::{Export, export};
use shared::context::Context;
use shared::http::openapi::{SessionErrors, Unavailable};
use shared::http::{self, Session};

/// Has a browser save the answer.
const AS_A_FILE: &str = r#"attachment; filename="aius-account.json""#;

/// Everything stored about one
///
/// One JSON document with the account, its sessions, clients and security events; never a secret.
/// Where there is more than one answer holds, a field whose name ends in `_truncated` is true.
#[utoipa::path(
    get,
    path = "/v1/me/export",
    tag = "Account",
    security(("session" = [])),
    responses(
        (
            status = 200, body = Export, description = "Everything",
            headers(("content-disposition" = String, description = "A file's name"))
        ),
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn export_me(
    State(ctx): State<Context>,
    Session(signed_in): Session,
) -> http::Result<([(HeaderName, &'static str); 1], Json<Export>)> {
    let export = export(&ctx, &signed_in.user).await?;
    Ok(([(CONTENT_DISPOSITION, AS_A_FILE)], Json(export)))
}
