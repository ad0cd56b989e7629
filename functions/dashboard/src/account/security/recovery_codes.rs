//! `/account/security/recovery-codes`: new recovery codes, which are shown once.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use shared::accounts::two_factor::replace_recovery_codes::replace_recovery_codes;
use shared::context::Context;
use shared::http;
use shared::organizations::switcher::{PageUser, load_page_user};

use super::NAVIGATION_ITEM;
use crate::account::identity_proof::identity_proof;
use crate::forms::{FormState, Submission};
use crate::pages::{Frame, PageContext, PageError, PageResult, Visitor, html, redirects};

const PATH: &str = "/account/security/recovery-codes";

/// Maximum number of codes in a download.
const MAX_CODES: usize = 20;

/// Maximum number of characters of a code in a download.
const MAX_CODE_LEN: usize = 40;

#[derive(Template)]
#[template(path = "account/recovery_codes.html")]
struct RecoveryCodesPage<'a> {
    frame: &'a Frame,
    has_password: bool,
    /// The new codes, once they exist.
    codes: Vec<String>,
}

/// Shows the form that makes new codes.
pub(crate) async fn recovery_codes_page(
    State(ctx): State<Context>,
    visitor: Visitor,
) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?;
    if user.signed_in.user.second_factor.is_none() {
        return Ok(redirects::see_other("/account/security#two-factor"));
    }
    render(&ctx, &visitor.page, user).await
}

async fn render(ctx: &Context, page: &PageContext, user: PageUser) -> PageResult {
    let frame =
        Frame::of_user(ctx, page, user, NAVIGATION_ITEM).await.with_title("New recovery codes");
    let has_password = frame.signed_in.user.password_hash.is_some();
    html(&RecoveryCodesPage { frame: &frame, has_password, codes: Vec::new() })
}

/// Shows codes, this once.
pub(super) fn show_codes(frame: Frame, codes: Vec<String>) -> PageResult {
    let frame = frame.with_title("Save your recovery codes");
    html(&RecoveryCodesPage { frame: &frame, has_password: false, codes })
}

/// Makes new codes, which void the old ones, and shows them this once.
pub(crate) async fn replace(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let (visitor, fields) = (&submission.visitor, &submission.fields);
    let user = load_page_user(&ctx, &visitor.caller).await?;
    let replaced = async {
        http::require_not_blank("code", fields.get("code"))?;
        let proof = identity_proof(fields, "password")?;
        replace_recovery_codes(&ctx, &user.signed_in, proof).await
    };
    match replaced.await {
        Ok(codes) => {
            show_codes(Frame::of_user(&ctx, &visitor.page, user, NAVIGATION_ITEM).await, codes)
        }
        Err(error) => {
            let state: FormState = submission.refused(error)?;
            let status = state.status();
            let page = visitor.page.clone().with_form(PATH, state);
            Ok((status, render(&ctx, &page, user).await?).into_response())
        }
    }
}

/// Returns the codes that the page sends back as a text file, so that they are in no URL and no store.
pub(crate) async fn download(submission: Submission) -> PageResult {
    let codes = submission.fields.all("recovery_codes");
    let is_code = |code: &&str| {
        code.len() <= MAX_CODE_LEN && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if codes.is_empty() || codes.len() > MAX_CODES || !codes.iter().all(is_code) {
        return Err(PageError::Unreadable);
    }
    let text = format!("AIUS recovery codes. Each works once.\n\n{}\n", codes.join("\n"));
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static(r#"attachment; filename="aius-recovery-codes.txt""#),
        ),
    ];
    Ok((headers, text).into_response())
}

/// Leads back once the person has saved the codes. They cannot be shown again.
pub(crate) async fn saved(_: Submission) -> PageResult {
    Ok(redirects::done(
        "/account/security",
        "Recovery codes saved. Two-factor authentication is on",
    ))
}
