//! `/account/organizations/{client_id}/api-keys/{key_id}/revoke`: confirms and revokes a key.

use axum::extract::State;
use shared::api_keys::revoke::revoke;
use shared::context::Context;
use shared::http::Ids;
use shared::ids::OrganizationId;

use super::{keys_path, load_key};
use crate::forms::Submission;
use crate::pages::{Confirmation, ForPage, PageResult, Visitor, confirm_page, redirects};

/// Shows which key stops working.
pub(crate) async fn revoke_page(
    State(ctx): State<Context>,
    ForPage(Ids(organization, number)): ForPage<Ids<OrganizationId, u32>>,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, &organization, number, &visitor).await
}

async fn show(
    ctx: &Context,
    organization: &OrganizationId,
    number: u32,
    visitor: &Visitor,
) -> PageResult {
    let (frame, key) = load_key(ctx, visitor, organization, number).await?;
    let last_used = match key.last_used_at {
        Some(at) => format!("It was last used {}.", frame.time(&at).relative),
        None => "It was never used.".to_owned(),
    };
    let back = keys_path(organization);
    let confirmation = Confirmation {
        heading: "The key stops working at once",
        lead: format!("Revokes the API key {} ({}).", key.name, key.masked),
        consequences: vec![last_used, "A revoked key cannot be brought back.".to_owned()],
        action: format!("{back}/{number}/revoke"),
        back,
        back_label: Confirmation::CANCEL,
        button: "Revoke key".to_owned(),
    };
    confirm_page(&frame.with_title(format!("Revoke {}", key.name)), &confirmation)
}

/// Revokes the key.
pub(crate) async fn revoke_key(
    State(ctx): State<Context>,
    ForPage(Ids(organization, number)): ForPage<Ids<OrganizationId, u32>>,
    submission: Submission,
) -> PageResult {
    match revoke(&ctx, &submission.visitor.caller, &organization, number).await {
        Ok(_) => Ok(redirects::done(&keys_path(&organization), "API key revoked")),
        Err(error) => {
            let path = submission.action.clone();
            let state = submission.refused(error)?;
            show(&ctx, &organization, number, &submission.visitor.with_form(&path, state)).await
        }
    }
}
