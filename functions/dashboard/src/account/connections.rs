//! `/account/connections`: the Google account that signs in to this account.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::ConnectionView;
use shared::accounts::disconnect_google::disconnect_google;
use shared::context::Context;
use shared::error::Error;
use shared::organizations::switcher::load_page_user;

use crate::forms::Submission;
use crate::pages::{
    AccountPage, Frame, NavigationItem, PageQuery, PageResult, Visitor, html, redirects,
};
use crate::signed_out::google_text;

const PATH: &str = AccountPage::Connections.path();
const DISCONNECT: &str = "/account/connections/google/disconnect";
const NAVIGATION_ITEM: NavigationItem<'static> = NavigationItem::Account(AccountPage::Connections);

#[derive(Template)]
#[template(path = "account/connections.html")]
struct ConnectionsPage<'a> {
    frame: &'a Frame,
    google: Option<ConnectionView>,
    /// Whether the account has a password, so that Google is not the only way in.
    has_password: bool,
    /// Whether the proof of identity is so recent that a Google account can be connected.
    can_connect: bool,
    google_error: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "account/disconnect_google.html")]
struct DisconnectPage<'a> {
    frame: &'a Frame,
    email: String,
}

/// Shows the connected account.
pub(crate) async fn connections_page(
    State(ctx): State<Context>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let frame = &Frame::load(&ctx, &visitor, NAVIGATION_ITEM).await?;
    let signed_in = &frame.signed_in;
    html(&ConnectionsPage {
        frame,
        google: ConnectionView::list_for_user(&signed_in.user).pop(),
        has_password: signed_in.user.password_hash.is_some(),
        can_connect: signed_in.require_recent_proof(ctx.now()).is_ok(),
        google_error: google_text(query.get("google_error")),
    })
}

/// Asks for a proof of identity, if the last one is not recent. Then the page offers the link to Google. A browser does
/// not follow a redirect from a form to another site, because the policy of the pages forbids it.
pub(crate) async fn confirm(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    user.signed_in.require_recent_proof(ctx.now())?;
    Ok(redirects::done(PATH, "Identity confirmed. You can connect Google now"))
}

/// Shows what disconnecting means. Without a connection, or as the last way in, leads back.
pub(crate) async fn disconnect_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    let frame = Frame::load(&ctx, &visitor, NAVIGATION_ITEM).await?;
    render_disconnect(frame)
}

fn render_disconnect(frame: Frame) -> PageResult {
    let user = &frame.signed_in.user;
    let google = ConnectionView::list_for_user(user).pop();
    let (Some(google), Some(_)) = (google, &user.password_hash) else {
        return Ok(redirects::see_other(PATH));
    };
    let frame = &frame.with_title("Disconnect Google");
    html(&DisconnectPage { frame, email: google.email })
}

/// Disconnects Google.
pub(crate) async fn disconnect(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let visitor = &submission.visitor;
    let user = load_page_user(&ctx, &visitor.caller).await?;
    match disconnect_google(&ctx, &user.signed_in).await {
        Ok(()) | Err(Error::NotFound) => Ok(redirects::done(PATH, "Google disconnected")),
        Err(error) => {
            let state = submission.refused(error)?;
            let status = state.status();
            let page = visitor.page.clone().with_form(DISCONNECT, state);
            let frame = Frame::of_user(&ctx, &page, user, NAVIGATION_ITEM).await;
            let response = render_disconnect(frame)?;
            if response.status().is_redirection() {
                return Ok(response);
            }
            Ok((status, response).into_response())
        }
    }
}
