//! `POST /account/notifications`: changes the channels.

use axum::extract::State;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::notifications::{AlertChannel, PreferencesChange, RunChannel, change_preferences};
use shared::organizations::switcher::load_page_user;

use super::PATH;
use super::page::show;
use crate::forms::{Fields, Submission};
use crate::pages::{PageResult, redirects};

/// Changes the channels.
pub(crate) async fn change_channels(
    State(ctx): State<Context>,
    submission: Submission,
) -> PageResult {
    let user = load_page_user(&ctx, &submission.visitor.caller).await?;
    let changed = async {
        let change = parse(&submission.fields)?;
        let requester = &submission.visitor.caller.requester;
        change_preferences(&ctx, requester, &user.signed_in, &change).await
    };
    match changed.await {
        Ok(_) => Ok(redirects::done(PATH, "Notifications changed")),
        Err(error) => {
            let error = explain(error, &submission.fields);
            let state = submission.refused(error)?;
            show(&ctx, &submission.visitor.with_form(PATH, state), user).await
        }
    }
}

fn parse(fields: &Fields) -> Result<PreferencesChange> {
    let run = |name: &str| {
        let channel = fields.optional(name).map(|text| RunChannel::try_from(text.to_owned()));
        channel.transpose().map_err(|why| Error::invalid_field(name, why))
    };
    let alert = |name: &str| {
        let channel = fields.optional(name).map(|text| AlertChannel::try_from(text.to_owned()));
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
