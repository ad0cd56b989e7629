//! `GET /v1/me/notifications`, `PUT /v1/me/notifications`

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Deserializer};
use shared::context::Context;
use shared::error::Result;
use shared::http::openapi::{BodyErrors, SessionErrors, Unavailable};
use shared::http::{self, Body, ErrorBody, Session};
use shared::notifications::{
    AlertChannel, PreferencesChange, PreferencesView, RunChannel, WebhookChange,
    change_preferences, read_preferences,
};
use shared::requester::Requester;
use utoipa::ToSchema;

/// What is to change. A field that isn't sent stays as it is.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangeNotifications)]
pub(crate) struct Request {
    /// A test failed.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = RunChannel, required = false)]
    test_failures: Option<RunChannel>,
    /// A scheduled run ended.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = RunChannel, required = false)]
    scheduled_runs: Option<RunChannel>,
    /// Credits run low.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = AlertChannel, required = false)]
    usage_alerts: Option<AlertChannel>,
    /// A payment failed, and the like.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = AlertChannel, required = false)]
    billing_alerts: Option<AlertChannel>,
    /// The URL of an incoming webhook of Slack. Null or an empty text clears it; as it was answered,
    /// masked, it stays.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<String>, example = "https://hooks.slack.com/services/T0123/B0123/abcdefghijklmnopqrstWx7Q", max_length = 300)]
    slack_webhook_url: Option<Option<String>>,
}

/// Tells null from a field that wasn't sent.
fn sent<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<T>, D::Error> {
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

/// What one is told of
///
/// By default everything by mail.
#[utoipa::path(
    get,
    path = "/v1/me/notifications",
    tag = "Account",
    security(("session" = [])),
    responses(
        (status = 200, body = PreferencesView, description = "What one is told of, and where"),
        SessionErrors,
        Unavailable,
    )
)]
pub(crate) async fn notifications(
    State(ctx): State<Context>,
    Session(signed_in): Session,
) -> http::Result<Json<PreferencesView>> {
    let preferences = read_preferences(&ctx, &signed_in.user.id).await?;
    Ok(Json(PreferencesView::from(&preferences)))
}

/// Change what one is told of
///
/// Sets the fields that are sent and leaves the others as they are. `slack` needs a webhook: without
/// one, or when it is cleared while something is told there, the answer is `MISSING_SLACK_WEBHOOK_URL`.
/// The webhook is answered masked; sent back as it was answered, it stays.
#[utoipa::path(
    put,
    path = "/v1/me/notifications",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = PreferencesView, description = "What one is told of now"),
        (status = 400, body = ErrorBody, description = "`MISSING_SLACK_WEBHOOK_URL`, `MISSING_…` (null for a choice), `INVALID_FIELD`, `INVALID_JSON`"),
        SessionErrors,
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn change_notifications(
    State(ctx): State<Context>,
    requester: Requester,
    Session(signed_in): Session,
    Body(body): Body<Request>,
) -> http::Result<Json<PreferencesView>> {
    let change = body.parse()?;
    let preferences = change_preferences(&ctx, &requester, &signed_in, &change).await?;
    Ok(Json(PreferencesView::from(&preferences)))
}
