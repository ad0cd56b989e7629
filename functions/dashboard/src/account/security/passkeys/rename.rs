//! `POST /account/security/passkeys/{passkey_id}/rename`

use axum::extract::State;
use shared::accounts::passkeys::rename::rename_passkey;
use shared::context::Context;
use shared::http::Id;
use shared::ids::PasskeyId;
use shared::organizations::switcher::load_page_user;
use shared::values::Name;

use super::super::refuse;
use super::CARD;
use crate::forms::Submission;
use crate::pages::{ForPage, PageResult, redirects};

/// Renames a passkey.
pub(crate) async fn rename(
    State(ctx): State<Context>,
    ForPage(Id(id)): ForPage<Id<PasskeyId>>,
    submission: Submission,
) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    let renamed = async {
        let name = Name::parse(submission.fields.get("name"))?;
        rename_passkey(&ctx, &user.signed_in, &id, &name).await
    };
    match renamed.await {
        Ok(_) => Ok(redirects::done(CARD, "Passkey renamed")),
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}
