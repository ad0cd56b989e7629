//! `/account/security`: password, passkeys, two-factor authentication, sessions, and what happened lately.

pub(crate) mod passkeys;
pub(crate) mod password;
mod qr_code;
pub(crate) mod recovery_codes;
pub(crate) mod sessions;
pub(crate) mod stop_reset;
pub(crate) mod turn_off;
pub(crate) mod two_factor;

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::accounts::passkeys::PasskeyView;
use shared::accounts::passkeys::list::list_passkeys;
use shared::accounts::two_factor::status::TwoFactorStatus;
use shared::activity::user_log::{UserEvent, list_recent_user_events};
use shared::activity::{Action, ActionKind};
use shared::clock::Timestamp;
use shared::context::Context;
use shared::dynamo::Page;
use shared::error::{Error, Result};
use shared::organizations::switcher::{PageUser, load_page_user};
use shared::sessions::{SessionView, list_sessions};

use self::passkeys::keeper_text;
use crate::forms::{FormState, Submission};
use crate::pages::{
    AccountPage, Frame, ListRequest, Loaded, NavigationItem, PageContext, PageQuery, PageResult,
    Pager, Visitor, device_text, html, own_activity_text,
};

const PATH: &str = AccountPage::Security.path();
const NAVIGATION_ITEM: NavigationItem<'static> = NavigationItem::Account(AccountPage::Security);

const SESSIONS_PER_PAGE: u16 = 20;

/// Age of the events that the page shows.
const EVENT_PERIOD: Duration = Duration::from_secs(90 * 86_400);

/// Maximum number of events that the page shows. The activity has the others.
const MAX_EVENTS: u16 = 20;

/// Number of recovery codes from which a warning is shown.
const FEW_RECOVERY_CODES: usize = 3;

#[derive(Template)]
#[template(path = "account/security.html")]
struct SecurityPage<'a> {
    frame: &'a Frame,
    has_password: bool,
    two_factor: TwoFactorStatus,
    /// When the second factor was turned on.
    two_factor_since: Option<Timestamp>,
    passkeys: Loaded<Vec<PasskeyView>>,
    sessions: Loaded<Page<SessionView>>,
    session_pager: Pager,
    events: Loaded<Vec<UserEvent>>,
}

/// Shows the page.
pub(crate) async fn security_page(
    State(ctx): State<Context>,
    visitor: Visitor,
    query: PageQuery,
) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?;
    render(&ctx, &visitor.page, user, query.list(SESSIONS_PER_PAGE)).await
}

/// Shows the page again after a form was refused.
async fn refuse(
    ctx: &Context,
    submission: &Submission,
    user: PageUser,
    state: FormState,
) -> PageResult {
    let status = state.status();
    let page = submission.visitor.page.clone().with_form(PATH, state);
    let sessions = ListRequest::first(SESSIONS_PER_PAGE);
    Ok((status, render(ctx, &page, user, sessions).await?).into_response())
}

async fn render(
    ctx: &Context,
    page: &PageContext,
    user: PageUser,
    sessions: ListRequest,
) -> PageResult {
    let signed_in = user.signed_in.clone();
    let since = ctx.now().minus(EVENT_PERIOD);
    let (frame, passkeys, listed, events) = tokio::join!(
        Frame::of_user(ctx, page, user, NAVIGATION_ITEM),
        list_passkeys(ctx, &signed_in.user),
        list_sessions(ctx, &signed_in, &sessions.page),
        list_recent_user_events(ctx, &signed_in.user.id, since, MAX_EVENTS),
    );
    let listed = Loaded::new("Our data", refuse_no_cursor(listed))?;
    let next = listed.ready().and_then(|page| page.next_cursor.as_deref());
    html(&SecurityPage {
        frame: &frame,
        has_password: signed_in.user.password_hash.is_some(),
        two_factor: TwoFactorStatus::from(&signed_in.user),
        two_factor_since: signed_in.user.second_factor.as_ref().map(|factor| factor.since),
        passkeys: Loaded::new("Our data", passkeys)?,
        session_pager: Pager::new(PATH, &[], &sessions, next),
        sessions: listed,
        events: Loaded::new("Our data", events)?,
    })
}

/// Treats a cursor of another list as a page that does not exist.
fn refuse_no_cursor<T>(listed: Result<T>) -> Result<T> {
    match listed {
        Err(Error::InvalidCursor) => Err(Error::NotFound),
        listed => listed,
    }
}

impl SecurityPage<'_> {
    /// Returns what the list of security events is for.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn events_help(&self) -> String {
        let days = EVENT_PERIOD.as_secs() / 86_400;
        format!(
            "What happened to your account in the last {days} days. If something was not you, change the password and \
             end all other sessions."
        )
    }

    /// Returns browser and system in words, with a capital letter.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn device(&self, user_agent: &str) -> String {
        device_text(user_agent)
    }

    /// Returns the action of the form that ends a session.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn end_action(&self, session: &str) -> String {
        format!("/account/security/sessions/{session}/end")
    }

    /// Returns the action of a form about a passkey.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn passkey_action(&self, passkey: &PasskeyView, action: &str) -> String {
        format!("/account/security/passkeys/{}/{action}", passkey.id)
    }

    /// Returns what keeps a passkey, in words.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn passkey_device(&self, passkey: &PasskeyView) -> &'static str {
        keeper_text(passkey)
    }

    /// Returns whether so few recovery codes are left that a person should make new ones.
    fn has_few_recovery_codes(&self) -> bool {
        self.two_factor.recovery_codes_left <= FEW_RECOVERY_CODES
    }

    /// Returns the events that concern the security of the account, in words.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn described<'e>(&self, events: &'e [UserEvent]) -> Vec<(&'e UserEvent, String)> {
        let concerning = events.iter().filter(|event| concerns_security(event.action));
        concerning.map(|event| (event, own_activity_text(event))).collect()
    }
}

/// Returns whether an action concerns the security of the account.
fn concerns_security(action: Action) -> bool {
    match action.kind() {
        ActionKind::SignIns => true,
        ActionKind::Account => {
            !matches!(action, Action::ProfileChanged | Action::NotificationsChanged)
        }
        ActionKind::Credentials => matches!(
            action,
            Action::TokenCreated
                | Action::TokenRevoked
                | Action::DeviceApproved
                | Action::DeviceDenied
        ),
        ActionKind::Organization
        | ActionKind::Billing
        | ActionKind::Team
        | ActionKind::Projects
        | ActionKind::Runs => false,
    }
}
