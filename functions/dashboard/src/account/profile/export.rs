//! `GET /account/profile/export`: everything that is stored about the person, as a file.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::IntoResponse;
use shared::accounts::export::export;
use shared::context::Context;
use shared::organizations::switcher::load_page_user;

use crate::pages::{PageResult, Visitor};

/// Makes browsers save the answer as a file.
const ATTACHMENT: &str = r#"attachment; filename="aius-account.json""#;

/// Returns the file.
pub(crate) async fn export_account(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?.signed_in.user;
    let export = export(&ctx, &user).await?;
    Ok(([(CONTENT_DISPOSITION, ATTACHMENT)], Json(export)).into_response())
}
