//! `/account/security/passkeys/{passkey_id}/remove`: confirms and removes a passkey.

use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::passkeys::delete::delete_passkey;
use shared::accounts::passkeys::list::list_passkeys;
use shared::context::Context;
use shared::error::Error;
use shared::http::Id;
use shared::ids::PasskeyId;
use shared::organizations::switcher::{PageUser, load_page_user};

use super::super::NAVIGATION_ITEM;
use super::CARD;
use crate::forms::Submission;
use crate::pages::{
    Confirmation, ForPage, Frame, PageContext, PageResult, Visitor, confirm_page, redirects,
};

/// Shows which passkey can no longer sign in.
pub(crate) async fn remove_page(
    State(ctx): State<Context>,
    ForPage(Id(id)): ForPage<Id<PasskeyId>>,
    visitor: Visitor,
) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?;
    show(&ctx, &id, &visitor.page, user).await
}

async fn show(ctx: &Context, id: &PasskeyId, page: &PageContext, user: PageUser) -> PageResult {
    let signed_in = user.signed_in.clone();
    let (frame, passkeys) = tokio::join!(
        Frame::of_user(ctx, page, user, NAVIGATION_ITEM),
        list_passkeys(ctx, &signed_in.user)
    );
    let passkey = passkeys?.into_iter().find(|passkey| passkey.id == id.as_str());
    let passkey = passkey.ok_or(Error::NotFound)?;
    let last_used = match passkey.last_used_at {
        Some(at) => format!("It was last used {}.", frame.time(&at).relative),
        None => "It was never used.".to_owned(),
    };
    let confirmation = Confirmation {
        heading: "The passkey can no longer sign in",
        lead: format!("Removes the passkey {} from your account.", passkey.name),
        consequences: vec![
            last_used,
            "Sessions that it started stay. Delete it on the device, too, so that the device no longer offers it."
                .to_owned(),
        ],
        action: format!("/account/security/passkeys/{id}/remove"),
        back: CARD.to_owned(),
        back_label: Confirmation::CANCEL,
        button: "Remove passkey".to_owned(),
    };
    confirm_page(&frame.with_title(format!("Remove {}", passkey.name)), &confirmation)
}

/// Removes the passkey.
pub(crate) async fn remove(
    State(ctx): State<Context>,
    ForPage(Id(id)): ForPage<Id<PasskeyId>>,
    submission: Submission,
) -> PageResult {
    let visitor = &submission.visitor;
    let user = load_page_user(&ctx, &visitor.caller).await?;
    match delete_passkey(&ctx, &user.signed_in, &id).await {
        Ok(()) => Ok(redirects::done(CARD, "Passkey removed")),
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let page = visitor.page.clone().with_form(&submission.action, state);
            Ok((status, show(&ctx, &id, &page, user).await?).into_response())
        }
    }
}
