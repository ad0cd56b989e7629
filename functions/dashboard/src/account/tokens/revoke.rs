//! `/account/tokens/{token_id}/revoke`: confirms and revokes a personal token.

use axum::extract::State;
use shared::context::Context;
use shared::credentials::Caller;
use shared::dynamo::{MAX_PAGE_SIZE, PageRequest};
use shared::error::{Error, Result};
use shared::http::Id;
use shared::tokens::TokenView;
use shared::tokens::list::list;
use shared::tokens::revoke::revoke;

use super::PATH;
use crate::forms::Submission;
use crate::pages::{
    AccountPage, Confirmation, ForPage, Frame, NavigationItem, PageResult, Visitor, confirm_page,
    redirects,
};

/// Shows which token stops working.
pub(crate) async fn revoke_page(
    State(ctx): State<Context>,
    ForPage(Id(number)): ForPage<Id<u32>>,
    visitor: Visitor,
) -> PageResult {
    show(&ctx, number, &visitor).await
}

async fn show(ctx: &Context, number: u32, visitor: &Visitor) -> PageResult {
    let (frame, token) = tokio::join!(
        Frame::load(ctx, visitor, NavigationItem::Account(AccountPage::Tokens)),
        find_token(ctx, &visitor.caller, number)
    );
    let (frame, token) = (frame?, token?);
    let last_used = match token.last_used_at {
        Some(at) => format!("It was last used {}.", frame.time(&at).relative),
        None => "It was never used.".to_owned(),
    };
    let confirmation = Confirmation {
        heading: "The token stops working at once",
        lead: format!("Revokes the personal token {} ({}).", token.token_name, token.masked),
        consequences: vec![last_used, "A revoked token cannot be brought back.".to_owned()],
        action: format!("{PATH}/{number}/revoke"),
        back: PATH.to_owned(),
        back_label: Confirmation::CANCEL,
        button: "Revoke token".to_owned(),
    };
    confirm_page(&frame.with_title(format!("Revoke {}", token.token_name)), &confirmation)
}

/// Finds a token that is not revoked.
async fn find_token(ctx: &Context, caller: &Caller, number: u32) -> Result<TokenView> {
    let mut request = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    loop {
        let page = list(ctx, caller, &request).await?;
        if let Some(token) = page.data.into_iter().find(|token| token.id == number) {
            return Some(token).filter(|token| token.revoked_at.is_none()).ok_or(Error::NotFound);
        }
        request.cursor = page.next_cursor;
        if request.cursor.is_none() {
            return Err(Error::NotFound);
        }
    }
}

/// Revokes the token.
pub(crate) async fn revoke_token(
    State(ctx): State<Context>,
    ForPage(Id(number)): ForPage<Id<u32>>,
    submission: Submission,
) -> PageResult {
    match revoke(&ctx, &submission.visitor.caller, number).await {
        Ok(_) => Ok(redirects::done(PATH, "Token revoked")),
        Err(error) => {
            let path = submission.action.clone();
            let state = submission.refused(error)?;
            show(&ctx, number, &submission.visitor.with_form(&path, state)).await
        }
    }
}
