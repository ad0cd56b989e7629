//! `/account/undo-email`: undoes a change of the email address.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::RECENT_ACCESS_PERIOD;
use shared::accounts::email_change::undo::undo_email_change;
use shared::context::Context;
use shared::error::Error;
use shared::http;

use super::ended_text::ended_text;
use crate::forms::PublicSubmission;
use crate::pages::{PageContext, PageQuery, PageResult, html};

const PATH: &str = "/account/undo-email";

#[derive(Template)]
#[template(path = "signed_out/undo_email.html")]
struct UndoEmailPage<'a> {
    page: &'a PageContext,
    token: &'a str,
    recent_days: u64,
    /// What was ended, once the change is undone.
    ended: Option<Vec<String>>,
}

impl<'a> UndoEmailPage<'a> {
    fn new(page: &'a PageContext, token: &'a str) -> Self {
        Self { page, token, recent_days: RECENT_ACCESS_PERIOD.as_secs() / 86_400, ended: None }
    }
}

/// Shows what the link does. It changes nothing, so that programs that open links have no effect.
pub(crate) async fn undo_email_page(page: PageContext, query: PageQuery) -> PageResult {
    html(&UndoEmailPage::new(&page, query.get("token")))
}

/// Restores the address, and shows what was ended.
pub(crate) async fn submit(State(ctx): State<Context>, submission: PublicSubmission) -> PageResult {
    let token = submission.fields.get("token").trim();
    let undone = async {
        http::require_not_blank("token", token)?;
        undo_email_change(&ctx, &submission.requester, token).await
    };
    let error = match undone.await {
        Ok(ended) => {
            let page = UndoEmailPage::new(&submission.page, "");
            return html(&UndoEmailPage { ended: Some(ended_text(&ended)), ..page });
        }
        Err(error) => error,
    };
    let is_dead_link = matches!(error, Error::InvalidCode);
    let mut state = submission.refused(error)?;
    if is_dead_link {
        state = state.with_text(
            "This link was used, or it has expired, or the undo of an earlier change has covered it.",
        );
    }
    let status = state.status();
    let page = submission.page.clone().with_form(PATH, state);
    Ok((status, html(&UndoEmailPage::new(&page, token))?).into_response())
}
