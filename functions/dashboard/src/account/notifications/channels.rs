//! `POST /account/notifications`: changes the channels.

use axum::extract::State;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::notifications::{
    AlertChannel, Preferences, PreferencesChange, RunChannel, change_preferences, read_preferences,
};
use shared::organizations::switcher::load_page_user;

use super::PATH;
use super::page::show;
use crate::forms::{Fields, Submission};
use crate::pages::{PageResult, redirects};

/// Changes the channels that the person has edited.
pub(crate) async fn change_channels(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let caller = &submission.visitor.caller;
    let user_id = caller.credential.user().ok_or(Error::SessionRequired)?;
    let (user, current) =
        tokio::join!(load_page_user(&ctx, caller), read_preferences(&ctx, user_id));
    let user = user?;
    let changed_elsewhere = |current| submission.changed_elsewhere(&channels(current));
    let state = match current.as_ref().ok().and_then(changed_elsewhere) {
        Some(state) => state,
        None => {
            let changed = async {
                current?;
                let change = parse(&submission.fields)?;
                change_preferences(&ctx, &user.signed_in, &change).await
            };
            match changed.await {
                Ok(_) => return Ok(redirects::done(PATH, "Notifications changed")),
                Err(error) => submission.refused(explain(error, &submission.fields))?,
            }
        }
    };
    show(&ctx, &submission.visitor.with_form(PATH, state), user).await
}

/// Returns the present channels by the names of their fields.
fn channels(current: &Preferences) -> [(&'static str, &'static str); 4] {
    [
        ("test_failures", current.test_failures.as_str()),
        ("scheduled_runs", current.scheduled_runs.as_str()),
        ("usage_alerts", current.usage_alerts.as_str()),
        ("billing_alerts", current.billing_alerts.as_str()),
    ]
}

fn parse(fields: &Fields) -> Result<PreferencesChange> {
    let edited = |name: &str| fields.edited(name).filter(|text| !text.is_empty());
    let run = |name: &str| {
        let channel = edited(name).map(|text| RunChannel::try_from(text.to_owned()));
        channel.transpose().map_err(|why| Error::invalid_field(name, why))
    };
    let alert = |name: &str| {
        let channel = edited(name).map(|text| AlertChannel::try_from(text.to_owned()));
        channel.transpose().map_err(|why| Error::invalid_field(name, why))
    };
    Ok(PreferencesChange {
        test_failures: run("test_failures")?,
        scheduled_runs: run("scheduled_runs")?,
        usage_alerts: alert("usage_alerts")?,
        billing_alerts: alert("billing_alerts")?,
        slack_webhook: None,
    })
}

/// Says in the words of this form that Slack needs a webhook.
#[expect(clippy::wildcard_enum_match_arm, reason = "other errors stay as they are")]
fn explain(error: Error, fields: &Fields) -> Error {
    match error {
        Error::Missing(field) if field == "slack_webhook_url" => {
            let runs = ["test_failures", "scheduled_runs"];
            let chosen = runs.into_iter().find(|name| fields.get(name) == "slack");
            let why = "set a Slack webhook below first";
            Error::invalid_field(chosen.unwrap_or("test_failures"), why)
        }
        other => other,
    }
}
