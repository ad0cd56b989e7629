//! `PATCH /v1/me`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::accounts::UserView;
use shared::accounts::profile::{Line, Phone, ProfileChange, Timezone, change_profile};
use shared::context::Context;
use shared::error::{Error, Result};
use shared::http::openapi::{BodyErrors, SessionErrors, Unavailable};
use shared::http::{self, Body, ErrorBody, Session};
use shared::requester::Requester;
use shared::values::Name;
use utoipa::ToSchema;

use crate::me::Answer;

/// What is to change. A field that isn't sent stays as it is; null or an empty text clears it.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangeProfile)]
pub(crate) struct Request {
    /// One line; can't be cleared.
    #[serde(default, deserialize_with = "http::sent")]
    #[schema(value_type = Option<String>, example = "Ada King", max_length = 100)]
    name: Option<Option<String>>,
    /// E.164.
    #[serde(default, deserialize_with = "http::sent")]
    #[schema(value_type = Option<String>, example = "+14155550123")]
    phone: Option<Option<String>>,
    /// IANA name of a time zone.
    #[serde(default, deserialize_with = "http::sent")]
    #[schema(value_type = Option<String>, example = "Europe/London")]
    timezone: Option<Option<String>>,
    /// One line.
    #[serde(default, deserialize_with = "http::sent")]
    #[schema(value_type = Option<String>, example = "Analytical Engines Ltd", max_length = 100)]
    company: Option<Option<String>>,
    /// One line.
    #[serde(default, deserialize_with = "http::sent")]
    #[schema(value_type = Option<String>, example = "Programmer", max_length = 100)]
    job_title: Option<Option<String>>,
}

impl Request {
    fn parse(self) -> Result<ProfileChange> {
        let name = match self.name {
            None => None,
            Some(name) => Some(Name::parse(&name.ok_or_else(|| Error::missing("name"))?)?),
        };
        Ok(ProfileChange {
            name,
            phone: optional(self.phone, |text| Phone::parse(text).map(Some))?,
            timezone: optional(self.timezone, |text| Timezone::parse(text).map(Some))?,
            company: optional(self.company, |text| Line::parse("company", text))?,
            job_title: optional(self.job_title, |text| Line::parse("job_title", text))?,
        })
    }
}

fn optional<T>(
    field: Option<Option<String>>,
    parse: impl FnOnce(&str) -> Result<Option<T>>,
) -> Result<Option<Option<T>>> {
    match field {
        None => Ok(None),
        Some(Some(text)) if !text.trim().is_empty() => parse(&text).map(Some),
        Some(_) => Ok(Some(None)),
    }
}

/// Change one's profile
#[utoipa::path(
    patch,
    path = "/v1/me",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = Answer, description = "The account as it is now"),
        (status = 400, body = ErrorBody, description = "`MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        SessionErrors,
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn patch_me(
    State(ctx): State<Context>,
    requester: Requester,
    Session(signed_in): Session,
    Body(body): Body<Request>,
) -> http::Result<Json<Answer>> {
    let change = body.parse()?;
    let user = change_profile(&ctx, &requester, &signed_in, &change).await?;
    Ok(Json(Answer { user: UserView::from(&user) }))
}
