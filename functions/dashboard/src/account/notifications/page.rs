//! `GET /account/notifications`

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use shared::context::Context;
use shared::notifications::{PreferencesView, RunChannel, read_preferences};
use shared::organizations::switcher::{PageUser, load_page_user};

use crate::forms::Form;
use crate::pages::{AccountPage, Frame, Loaded, NavigationItem, PageResult, Visitor, html};

/// An event of the table.
struct EventRow {
    field: &'static str,
    label: &'static str,
    help: &'static str,
    channel: &'static str,
    /// Whether it can be sent to Slack.
    has_slack: bool,
}

#[derive(Template)]
#[template(path = "account/notifications.html")]
struct NotificationsPage<'a> {
    frame: &'a Frame,
    preferences: Loaded<PreferencesView>,
}

/// Shows the channels and the webhook.
pub(crate) async fn notifications_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?;
    show(&ctx, &visitor, user).await
}

/// Shows the page of an authenticated person, with a form to show again.
pub(super) async fn show(ctx: &Context, visitor: &Visitor, user: PageUser) -> PageResult {
    let user_id = user.signed_in.user.id.clone();
    let (frame, preferences) = tokio::join!(
        Frame::of_user(
            ctx,
            &visitor.page,
            user,
            NavigationItem::Account(AccountPage::Notifications)
        ),
        read_preferences(ctx, &user_id)
    );
    let preferences = preferences.map(|preferences| PreferencesView::from(&preferences));
    let preferences = Loaded::new("Your notifications", preferences)?;
    let page = html(&NotificationsPage { frame: &frame, preferences })?;
    Ok((visitor.page.form_state.status(), page).into_response())
}

impl NotificationsPage<'_> {
    /// Returns whether the channel of an event can be chosen. Slack needs a webhook; without one it stays only where it
    /// is chosen already.
    fn offers(
        &self,
        form: &Form<'_>,
        event: &EventRow,
        channel: &str,
        preferences: &PreferencesView,
    ) -> bool {
        let can_post =
            preferences.slack_webhook_url.is_some() || self.is_chosen(form, event, channel);
        channel != RunChannel::Slack.as_str() || event.has_slack && can_post
    }

    /// Returns why Slack cannot be chosen for an event.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn why_not(&self, event: &EventRow) -> &'static str {
        if event.has_slack { "Add a webhook below" } else { "Email only" }
    }

    /// Returns whether the channel of an event is the one that was submitted, or the present one.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn is_chosen(&self, form: &Form<'_>, event: &EventRow, channel: &str) -> bool {
        form.value(event.field, event.channel) == channel
    }

    /// Returns the events with their channels.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn events(&self, preferences: &PreferencesView) -> [EventRow; 4] {
        [
            EventRow {
                field: "test_failures",
                label: "Test failures",
                help: "A run ended with a failure.",
                channel: preferences.test_failures.as_str(),
                has_slack: true,
            },
            EventRow {
                field: "scheduled_runs",
                label: "Scheduled run completion",
                help: "A scheduled run ended, with success or not.",
                channel: preferences.scheduled_runs.as_str(),
                has_slack: true,
            },
            EventRow {
                field: "usage_alerts",
                label: "Usage alerts",
                help: "80, 90 and 100 % of the credits are used.",
                channel: preferences.usage_alerts.as_str(),
                has_slack: false,
            },
            EventRow {
                field: "billing_alerts",
                label: "Billing alerts",
                help: "A payment is due, has failed, or was received.",
                channel: preferences.billing_alerts.as_str(),
                has_slack: false,
            },
        ]
    }
}
