//! `/account/not-me`: secures an account whose owner did not make a change.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::RECENT_ACCESS_PERIOD;
use shared::accounts::not_me::secure_account;
use shared::context::Context;
use shared::error::Error;
use shared::http;

use super::ended_text::ended_text;
use crate::forms::PublicSubmission;
use crate::pages::{PageContext, PageQuery, PageResult, html};

const PATH: &str = "/account/not-me";

#[derive(Template)]
#[template(path = "signed_out/not_me.html")]
struct NotMePage<'a> {
    page: &'a PageContext,
    token: &'a str,
    recent_days: u64,
    /// What was ended, once the account is secured.
    ended: Option<Vec<String>>,
}

impl<'a> NotMePage<'a> {
    fn new(page: &'a PageContext, token: &'a str) -> Self {
        Self { page, token, recent_days: RECENT_ACCESS_PERIOD.as_secs() / 86_400, ended: None }
    }
}

/// Shows what the link does. It changes nothing, so that programs that open links have no effect.
pub(crate) async fn not_me_page(page: PageContext, query: PageQuery) -> PageResult {
    html(&NotMePage::new(&page, query.get("token")))
}

/// Secures the account, and shows what was ended.
pub(crate) async fn submit(State(ctx): State<Context>, submission: PublicSubmission) -> PageResult {
    let token = submission.fields.get("token").trim();
    let secured = async {
        http::require_not_blank("token", token)?;
        secure_account(&ctx, &submission.requester, token).await
    };
    let error = match secured.await {
        Ok(ended) => {
            let page = NotMePage::new(&submission.page, "");
            return html(&NotMePage { ended: Some(ended_text(&ended)), ..page });
        }
        Err(error) => error,
    };
    let is_dead_link = matches!(error, Error::InvalidCode);
    let mut state = submission.refused(error)?;
    if is_dead_link {
        state =
            state.with_text("This link was used, or it has expired. Reset your password instead.");
    }
    let status = state.status();
    let page = submission.page.clone().with_form(PATH, state);
    Ok((status, html(&NotMePage::new(&page, token))?).into_response())
}
