//! `GET /v1/me/notifications`, `PUT /v1/me/notifications`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Deserializer, Serialize};
use shared::context::Context;
use shared::error::Result;
use shared::http::openapi::{BodyErrors, RecentProofErrors, SessionErrors, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use shared::mail::suppression::{Suppression, read_suppression};
use shared::notifications::{
    AlertChannel, PreferencesChange, PreferencesView, RunChannel, WebhookChange,
    change_preferences, read_preferences,
};
use utoipa::ToSchema;

/// Changes to the notification preferences. A missing field is unchanged.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangeNotifications)]
pub(crate) struct Request {
    /// Channel for notifications of failed runs.
    #[serde(default, deserialize_with = "deserialize_nullable")]
    #[schema(value_type = RunChannel, required = false)]
    test_failures: Option<RunChannel>,
    /// Channel for notifications of scheduled runs that have ended.
    #[serde(default, deserialize_with = "deserialize_nullable")]
    #[schema(value_type = RunChannel, required = false)]
    scheduled_runs: Option<RunChannel>,
    /// Channel for alerts that credits run low.
    #[serde(default, deserialize_with = "deserialize_nullable")]
    #[schema(value_type = AlertChannel, required = false)]
    usage_alerts: Option<AlertChannel>,
    /// Channel for alerts about invoices and payments.
    #[serde(default, deserialize_with = "deserialize_nullable")]
    #[schema(value_type = AlertChannel, required = false)]
    billing_alerts: Option<AlertChannel>,
    /// URL of an incoming webhook of Slack. Null or an empty string clears it. The masked URL from
    /// a response leaves it unchanged.
    #[serde(default, deserialize_with = "deserialize_nullable")]
    #[schema(value_type = Option<String>, example = "https://hooks.slack.com/services/T0123/B0123/abcdefghijklmnopqrstWx7Q", max_length = 300)]
    slack_webhook_url: Option<Option<String>>,
}

/// Distinguishes null from a missing field.
fn deserialize_nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    field: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

impl Request {
    fn parse(self) -> Result<PreferencesChange> {
        let webhook = self.slack_webhook_url.map(|text| WebhookChange::parse(text.as_deref()));
        Ok(PreferencesChange {
            test_failures: self.test_failures,
            scheduled_runs: self.scheduled_runs,
            usage_alerts: self.usage_alerts,
            billing_alerts: self.billing_alerts,
            slack_webhook: webhook.transpose()?,
        })
    }
}

/// The notification preferences, and whether the account's address gets mail.
#[derive(Serialize, ToSchema)]
#[schema(as = NotificationSettings)]
pub(crate) struct ResponseBody {
    /// The notification preferences.
    #[serde(flatten)]
    preferences: PreferencesView,
    /// Why the account's address gets no mail: an earlier one came back, or was reported as spam. Null if it gets mail.
    /// Change the address, or call `POST /v1/me/email/retry`.
    #[schema(required)]
    email_suppression: Option<Suppression>,
}

/// Get notification preferences
///
/// Returns the channel for each kind of notification: mail, unless the user has changed it. Also returns whether the
/// account's address gets mail at all.
#[utoipa::path(
    get,
    path = "/v1/me/notifications",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = ResponseBody, description = "The notification preferences"),
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn notifications(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
) -> http::Result<Json<ResponseBody>> {
    let user = &signed_in.user;
    let (preferences, email_suppression) =
        tokio::try_join!(read_preferences(&ctx, &user.id), read_suppression(&ctx, &user.email))?;
    Ok(Json(ResponseBody { preferences: (&preferences).into(), email_suppression }))
}

/// Change notification preferences
///
/// Changes the fields that are sent. The channel `slack` needs a webhook. Responses mask its URL.
/// Setting another webhook needs a recent proof of identity.
#[utoipa::path(
    put,
    path = "/v1/me/notifications",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = PreferencesView, description = "The changed preferences"),
        (status = 400, body = ErrorBody, description = "`MISSING_SLACK_WEBHOOK_URL`: a field has the channel `slack`, and there is no \
            webhook; `MISSING_<FIELD>`: a channel cannot be null; `INVALID_FIELD`, \
            `INVALID_JSON`"),
        RecentProofErrors,
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn change_notifications(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<Json<PreferencesView>> {
    let change = body.parse()?;
    let preferences = change_preferences(&ctx, &signed_in, &change).await?;
    Ok(Json(PreferencesView::from(&preferences)))
}
