//! `/account/notifications/slack`: sets, tests and removes the Slack webhook.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::notifications::{
    Preferences, PreferencesChange, RunChannel, SlackWebhook, WebhookChange, change_preferences,
    read_preferences,
};
use shared::organizations::switcher::{PageUser, load_page_user};
use shared::slack::{SlackClient, send_test_message};

use super::PATH;
use super::page::show;
use crate::forms::Submission;
use crate::pages::{
    AccountPage, Confirmation, Frame, NavigationItem, PageResult, Visitor, confirm_page, redirects,
};

/// Sets another webhook.
pub(crate) async fn set_webhook(State(ctx): State<Context>, submission: Submission) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    let set = async {
        let url = submission.fields.optional("slack_webhook_url");
        let url = url.ok_or_else(|| Error::missing("slack_webhook_url"))?;
        let webhook = WebhookChange::Set(SlackWebhook::parse(url)?);
        let change = PreferencesChange { slack_webhook: Some(webhook), ..Default::default() };
        change_preferences(&ctx, &user.signed_in, &change).await
    };
    match set.await {
        Ok(_) => Ok(redirects::done(PATH, "Slack webhook saved. Send a test message.")),
        Err(error) => {
            let state = submission.refused(error)?;
            show(&ctx, &submission.visitor.with_form(PATH, state), user).await
        }
    }
}

/// Sends a test message.
pub(crate) async fn test_webhook(
    State(ctx): State<Context>,
    Extension(slack): Extension<Arc<SlackClient>>,
    submission: Submission,
) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    match send_test_message(&ctx, &slack, &user.signed_in).await {
        Ok(()) => Ok(redirects::done(PATH, "Slack has accepted the test message")),
        Err(error) => {
            let state = submission.refused(error)?;
            show(&ctx, &submission.visitor.with_form(PATH, state), user).await
        }
    }
}

/// Shows what removing the webhook does.
pub(crate) async fn remove_page(State(ctx): State<Context>, visitor: Visitor) -> PageResult {
    let user = load_page_user(&ctx, &visitor.caller).await?;
    show_removal(&ctx, &visitor, user).await
}

async fn show_removal(ctx: &Context, visitor: &Visitor, user: PageUser) -> PageResult {
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
    let webhook = preferences?.slack_webhook.ok_or(Error::NotFound)?;
    let confirmation = Confirmation {
        heading: "Nothing is posted to Slack any more",
        lead: format!("Removes the webhook {}.", webhook.masked()),
        consequences: vec!["What went to Slack is mailed to you from now on.".to_owned()],
        action: format!("{PATH}/slack/remove"),
        back: PATH.to_owned(),
        back_label: Confirmation::CANCEL,
        button: "Remove webhook".to_owned(),
    };
    confirm_page(&frame.with_title("Remove Slack webhook"), &confirmation)
}

/// Removes the webhook. What went to Slack is mailed from now on.
pub(crate) async fn remove_webhook(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    match remove(&ctx, &user).await {
        Ok(()) => Ok(redirects::done(PATH, "Slack webhook removed")),
        Err(error) => {
            let path = submission.action.clone();
            let state = submission.refused(error)?;
            show_removal(&ctx, &submission.visitor.with_form(&path, state), user).await
        }
    }
}

async fn remove(ctx: &Context, user: &PageUser) -> Result<()> {
    let before: Preferences = read_preferences(ctx, &user.signed_in.user.id).await?;
    let mail = |channel| (channel == RunChannel::Slack).then_some(RunChannel::Email);
    let change = PreferencesChange {
        test_failures: mail(before.test_failures),
        scheduled_runs: mail(before.scheduled_runs),
        slack_webhook: Some(WebhookChange::Remove),
        ..Default::default()
    };
    change_preferences(ctx, &user.signed_in, &change).await.map(|_| ())
}
