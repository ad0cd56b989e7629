//! Profile fields of a user, and changing them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::sessions::{AuthenticatedSession, reload_user};
use crate::text;
use crate::values::{Name, Timezone};

/// Maximum characters of a company or a job title.
pub const MAX_PROFILE_TEXT_LEN: usize = 100;

/// A company name or a job title: one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProfileText(String);

impl ProfileText {
    /// Parses a field of a request. Returns `None` if the text is blank.
    ///
    /// # Errors
    /// [`Error::InvalidField`] if the text is too long, or contains control characters or line breaks.
    pub fn parse(field: &str, text: &str) -> Result<Option<Self>> {
        text::normalize_line(field, text, MAX_PROFILE_TEXT_LEN).map(|line| line.map(Self))
    }
}

/// A phone number in E.164 format: `+` and at most 15 digits, starting with the country code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Parses a phone number. Spaces, hyphens, dots and parentheses are ignored.
    ///
    /// # Errors
    /// [`Error::InvalidField`] if the text is no E.164 number.
    pub fn parse(text: &str) -> Result<Self> {
        let bare: String =
            text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        let digits = bare.strip_prefix('+').unwrap_or_default().as_bytes();
        let fits = (2..=15).contains(&digits.len())
            && digits.iter().all(u8::is_ascii_digit)
            && digits.first() != Some(&b'0');
        if fits {
            Ok(Self(bare))
        } else {
            Err(Error::invalid_field(
                "phone",
                "enter the number with its country code, such as +14155550123",
            ))
        }
    }
}

macro_rules! impl_display {
    ($($name:ident),*) => {
        $(impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        })*
    };
}

impl_display!(ProfileText, Phone);

/// A change of the profile. `None` leaves a field unchanged, and `Some(None)` clears it.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// Name of the person, which can't be cleared.
    pub name: Option<Name>,
    /// Phone number.
    pub phone: Option<Option<Phone>>,
    /// Time zone.
    pub timezone: Option<Option<Timezone>>,
    /// Company.
    pub company: Option<Option<ProfileText>>,
    /// Job title.
    pub job_title: Option<Option<ProfileText>>,
}

impl ProfileChange {
    /// Returns the names of the changed fields. The activity log records no values, which are private.
    fn fields(&self) -> Vec<&'static str> {
        let all = [
            ("name", self.name.is_some()),
            ("phone", self.phone.is_some()),
            ("timezone", self.timezone.is_some()),
            ("company", self.company.is_some()),
            ("job_title", self.job_title.is_some()),
        ];
        all.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect()
    }

    fn apply(&self, user: User) -> User {
        let change = self.clone();
        User {
            name: change.name.unwrap_or(user.name),
            phone: change.phone.unwrap_or(user.phone),
            timezone: change.timezone.unwrap_or(user.timezone),
            company: change.company.unwrap_or(user.company),
            job_title: change.job_title.unwrap_or(user.job_title),
            ..user
        }
    }
}

/// Changes the given profile fields and returns the changed user. Concurrent changes of different fields
/// both succeed.
///
/// # Errors
/// [`Error::InvalidSession`] if the session has ended meanwhile.
pub async fn change_profile(
    ctx: &Context,
    requester: &Requester,
    signed_in: &AuthenticatedSession,
    change: &ProfileChange,
) -> Result<User> {
    let fields = change.fields();
    if fields.is_empty() {
        return Ok(signed_in.user.clone());
    }
    let fields = &fields.join(", ");
    let attempt = |before: User| async move {
        let mut tx = ctx.table.transaction();
        let user = change.apply(before).store(&mut tx)?;
        let entry = AuditEvent::for_account(ctx, requester, Action::ProfileChanged, &user.id);
        tx.commit(entry.with_detail("fields", fields)).await?;
        Ok(user)
    };
    retry_from(ctx, signed_in.user.clone(), || reload_user(ctx, signed_in), attempt).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_e164_numbers_parse() {
        for (typed, number) in [
            ("+14155550123", "+14155550123"),
            (" +49 (30) 123-456.7 ", "+49301234567"),
            ("+123456789012345", "+123456789012345"),
        ] {
            assert_eq!(Phone::parse(typed).unwrap().to_string(), number);
        }
        for bad in
            ["", "+", "+1", "14155550123", "+04155550123", "+1234567890123456", "+1415x", "++14155"]
        {
            assert!(matches!(Phone::parse(bad), Err(Error::InvalidField { .. })), "{bad}");
        }
    }

    #[test]
    fn only_iana_time_zones_parse() {
        assert_eq!(Timezone::parse("europe/berlin").unwrap().to_string(), "Europe/Berlin");
        assert_eq!(Timezone::parse("UTC").unwrap().to_string(), "UTC");
        for bad in ["", "Berlin", "GMT+25", "Europe/Atlantis", "../etc/passwd"] {
            assert!(matches!(Timezone::parse(bad), Err(Error::InvalidField { .. })), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parsing_any_text_never_panics(text in "\\PC{0,60}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(&phone.to_string()).unwrap(), phone);
            }
            if let Ok(zone) = Timezone::parse(&text) {
                prop_assert_eq!(Timezone::parse(&zone.to_string()).unwrap(), zone);
            }
        }
    }
}
