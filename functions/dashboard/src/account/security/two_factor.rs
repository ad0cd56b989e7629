//! `/account/security/two-factor`: turns two-factor authentication on.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::two_factor::enable::enable_two_factor;
use shared::accounts::two_factor::setup::{TwoFactorSetup, pending_setup, start_setup};
use shared::context::Context;
use shared::error::Error;
use shared::http;
use shared::organizations::switcher::{PageUser, load_page_user};

use super::qr_code::QrSvg;
use super::recovery_codes::show_codes;
use super::{NAVIGATION_ITEM, refuse};
use crate::forms::Submission;
use crate::pages::{Frame, PageContext, PageResult, Visitor, html, redirects};

const PATH: &str = "/account/security/two-factor";

#[derive(Template)]
#[template(path = "account/two_factor.html")]
struct TwoFactorPage<'a> {
    frame: &'a Frame,
    /// The setup that waits for its first code.
    setup: Option<SetupView>,
}

/// A secret in the forms that an authenticator app takes.
struct SetupView {
    qr: QrSvg,
    otpauth_url: String,
    /// The secret in groups of four.
    secret: String,
}

/// Shows the secret that waits for its first code, or begins. With two-factor authentication on, leads back.
pub(crate) async fn two_factor_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?;
    if user.signed_in.user.second_factor.is_some() {
        return Ok(redirects::see_other("/account/security#two-factor"));
    }
    render(&ctx, &visitor.page, user).await
}

async fn render(ctx: &Context, page: &PageContext, user: PageUser) -> PageResult {
    let signed_in = user.signed_in.clone();
    let (frame, setup) = tokio::join!(
        Frame::of_user(ctx, page, user, NAVIGATION_ITEM),
        pending_setup(ctx, &signed_in)
    );
    let setup = setup?.map(|setup| SetupView::new(&setup)).transpose()?;
    let frame = frame.with_title("Set up two-factor authentication");
    html(&TwoFactorPage { frame: &frame, setup })
}

/// Generates a secret, and leads to the page that shows it.
pub(crate) async fn start(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    match start_setup(&ctx, &user.signed_in).await {
        Ok(_) => Ok(redirects::see_other(PATH)),
        Err(error) => refuse(&ctx, &submission, user, submission.refused(error)?).await,
    }
}

/// Turns two-factor authentication on, and shows the recovery codes this once.
pub(crate) async fn enable(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let (visitor, fields) = (&submission.visitor, &submission.fields);
    let user = load_page_user(&ctx, &visitor.caller).await?;
    let enabled = async {
        http::require_not_blank("code", fields.get("code"))?;
        enable_two_factor(&ctx, &user.signed_in, fields.get("code")).await
    };
    match enabled.await {
        Ok(codes) => {
            let mut frame = Frame::of_user(&ctx, &visitor.page, user, NAVIGATION_ITEM).await;
            frame.page.flash = Some("Two-factor authentication is on".to_owned());
            show_codes(frame, codes)
        }
        Err(Error::TwoFactorAlreadyEnabled) => {
            Ok(redirects::done("/account/security", "Two-factor authentication is on"))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let page = visitor.page.clone().with_form(PATH, state);
            Ok((status, render(&ctx, &page, user).await?).into_response())
        }
    }
}

impl SetupView {
    fn new(setup: &TwoFactorSetup) -> shared::error::Result<Self> {
        let letters: Vec<_> = setup.secret.chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        Ok(Self {
            qr: QrSvg::encode(&setup.otpauth_url)?,
            otpauth_url: setup.otpauth_url.clone(),
            secret: groups.join(" "),
        })
    }
}
