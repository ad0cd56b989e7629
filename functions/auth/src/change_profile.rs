//! `PATCH /v1/me`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use shared::accounts::profile::{ProfileChange, change_profile};
use shared::accounts::{Phone, ProfileText, UserView};
use shared::context::Context;
use shared::error::{Error, Result};
use shared::http::openapi::{BodyErrors, SessionErrors, Unavailable};
use shared::http::{self, Body, CurrentSession, ErrorBody};
use shared::values::{Name, Timezone};
use utoipa::ToSchema;

use crate::me::ResponseBody;

/// Changes to the profile. A missing field is unchanged; null or an empty string clears a field.
#[derive(Deserialize, ToSchema)]
#[schema(as = ChangeProfile)]
pub(crate) struct Request {
    /// The user's full name, on one line. It cannot be cleared.
    #[serde(default, deserialize_with = "http::deserialize_nullable")]
    #[schema(value_type = Option<String>, example = "Ada King", max_length = 100)]
    name: Option<Option<String>>,
    /// The phone number in E.164 format: `+` and up to 15 digits.
    #[serde(default, deserialize_with = "http::deserialize_nullable")]
    #[schema(value_type = Option<String>, example = "+14155550123")]
    phone: Option<Option<String>>,
    /// The name of a time zone in the IANA database.
    #[serde(default, deserialize_with = "http::deserialize_nullable")]
    #[schema(value_type = Option<String>, example = "Europe/London")]
    timezone: Option<Option<String>>,
    /// The user's company, on one line.
    #[serde(default, deserialize_with = "http::deserialize_nullable")]
    #[schema(value_type = Option<String>, example = "Analytical Engines Ltd", max_length = 100)]
    company: Option<Option<String>>,
    /// The user's job title, on one line.
    #[serde(default, deserialize_with = "http::deserialize_nullable")]
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
            company: optional(self.company, |text| ProfileText::parse("company", text))?,
            job_title: optional(self.job_title, |text| ProfileText::parse("job_title", text))?,
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

/// Update profile
///
/// Changes the fields that are sent. Change the email address at `/v1/me/email` and the password at
/// `/v1/me/password`.
#[utoipa::path(
    patch,
    path = "/v1/me",
    tag = "Account",
    security(("session" = [])),
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The changed account"),
        (status = 400, body = ErrorBody, description = "`MISSING_NAME`, `INVALID_FIELD`, `INVALID_JSON`"),
        SessionErrors,
        BodyErrors,
        Unavailable,
    )
)]
pub(crate) async fn patch_me(
    State(ctx): State<Context>,
    CurrentSession(signed_in): CurrentSession,
    Body(body): Body<Request>,
) -> http::Result<Json<ResponseBody>> {
    let change = body.parse()?;
    let user = change_profile(&ctx, &signed_in, &change).await?;
    Ok(Json(ResponseBody { user: UserView::from(&user) }))
}
