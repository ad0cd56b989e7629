//! Filters of the audit log.

use std::time::Duration;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as UnknownVariant;

use super::{Action, ActionKind};
use crate::clock::Timestamp;
use crate::dynamo::Condition;
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;

/// A filter of the audit log. An event must match everything that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// Only events of this kind.
    action: Option<Action>,
    /// Only events of this group of actions.
    kind: Option<ActionKind>,
    /// Only events caused by this user.
    user: Option<UserId>,
    /// Only events at or after this time.
    from: Option<Timestamp>,
    /// Only events before this time.
    to: Option<Timestamp>,
}

/// The end of the year 9998. Later times cannot be converted in every time zone, and usually are
/// milliseconds by mistake.
const MAX_UNIX_SECONDS: i64 = 253_370_764_799;

impl ActivityFilter {
    /// Parses the query parameters of a request: an action, a user id, and Unix times in seconds.
    /// `from` is inclusive and `to` is exclusive.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] if a parameter is malformed, or `from` is not before `to`.
    pub fn parse(
        action: Option<&str>,
        user: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<Self> {
        let action = action.map(|text| {
            let action = Action::deserialize(text.into_deserializer());
            action.map_err(|_: UnknownVariant| {
                Error::invalid_field(
                    "action",
                    "must be the name of an action, such as client.renamed",
                )
            })
        });
        let user = user.map(|text| {
            let id = UserId::parse(text);
            id.ok_or_else(|| Error::invalid_field("user", "must be a user id, such as usr_…"))
        });
        let (from, to) = (from.map(|at| parse_time("from", at)), to.map(|at| parse_time("to", at)));
        let (from, to) = (from.transpose()?, to.transpose()?);
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err(Error::invalid_field("from", "must be before to"));
        }
        Ok(Self { action: action.transpose()?, kind: None, user: user.transpose()?, from, to })
    }

    /// Creates the filter of a page: a group of actions and a period. `from` is inclusive and `to` is exclusive.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] if `from` is not before `to`.
    pub fn of_kind(
        kind: Option<ActionKind>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Self> {
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err(Error::invalid_field("from", "must be before to"));
        }
        Ok(Self { action: None, kind, user: None, from, to })
    }

    /// Returns the beginning of the period, inclusive, and its end, exclusive.
    pub fn period(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        (self.from, self.to)
    }

    /// Creates the filter of the events at or after a time.
    pub(super) fn since(from: Timestamp) -> Self {
        Self { from: Some(from), ..Self::default() }
    }

    /// Returns a string that identifies the filter. A cursor is bound to it.
    pub(super) fn cursor_name(&self) -> String {
        let Self { action, kind, user, from, to } = self;
        let seconds = |at: &Option<Timestamp>| at.map(Timestamp::seconds);
        format!("{action:?} {kind:?} {user:?} {:?} {:?}", seconds(from), seconds(to))
    }

    /// Returns the time of the latest event that may match, given the present time.
    pub(super) fn latest(&self, now: Timestamp) -> Timestamp {
        self.to.map_or(now, |to| to.minus(Duration::from_secs(1)).min(now))
    }

    /// Returns the time of the earliest event that may match, in a log that starts at `since`.
    pub(super) fn earliest(&self, since: Timestamp) -> Timestamp {
        self.from.map_or(since, |from| from.max(since))
    }

    /// Returns the smallest sort key that matches.
    pub(super) fn first_key(&self) -> String {
        self.from.map_or_else(|| keys::AUDIT_EVENTS_BEGIN.to_owned(), keys::audit_event_prefix)
    }

    /// Returns the sort key at which the range ends, exclusively.
    pub(super) fn end_key(&self) -> String {
        self.to.map_or_else(|| keys::AUDIT_EVENTS_END.to_owned(), keys::audit_event_prefix)
    }

    /// Returns the condition that events must meet besides the time range.
    pub(super) fn condition(&self) -> Result<Option<Condition>> {
        let action = self.action.map(|action| Condition::equal("action", action)).transpose()?;
        let of_kind = |kind: ActionKind| {
            let actions = kind.actions().iter().map(|action| Condition::equal("action", action));
            actions.collect::<Result<_, _>>().map(Condition::Any)
        };
        let kind = self.kind.map(of_kind).transpose()?;
        let user = self.user.as_ref().map(|user| Condition::equal("user_id", user)).transpose()?;
        let conditions: Vec<_> = action.into_iter().chain(kind).chain(user).collect();
        Ok((!conditions.is_empty()).then_some(Condition::All(conditions)))
    }
}

fn parse_time(field: &str, text: &str) -> Result<Timestamp> {
    let seconds = text.parse().ok().filter(|seconds| (0..=MAX_UNIX_SECONDS).contains(seconds));
    let time = seconds.map(Timestamp::from_seconds);
    time.ok_or_else(|| {
        Error::invalid_field(field, "must be a time in whole seconds since 1970 UTC")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time_filter(from: &str, to: &str) -> Result<ActivityFilter> {
        ActivityFilter::parse(None, None, Some(from), Some(to))
    }

    #[test]
    fn an_invalid_parameter_is_refused_by_name() {
        let refused = |filter: Result<ActivityFilter>| match filter {
            Err(Error::InvalidField { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        for bad in ["", "client", "client.renamed ", "OrganizationRenamed", "CLIENT.RENAMED"] {
            assert_eq!(
                refused(ActivityFilter::parse(Some(bad), None, None, None)),
                "action",
                "{bad}"
            );
        }
        for bad in ["", "usr_", "ada@example.com", "client_mfrggzdfmztwq2lknnwg23tpoa"] {
            assert_eq!(
                refused(ActivityFilter::parse(None, Some(bad), None, None)),
                "user",
                "{bad}"
            );
        }
        for bad in [
            "",
            "-1",
            "1.5",
            "1e9",
            "now",
            "1717123456000",
            "253370764800",
            "99999999999999999999",
            " 1",
        ] {
            assert_eq!(refused(time_filter(bad, "7")), "from", "{bad}");
            assert_eq!(refused(time_filter("7", bad)), "to", "{bad}");
        }
        assert_eq!(refused(time_filter("7", "7")), "from");
        assert_eq!(refused(time_filter("8", "7")), "from");
        assert!(time_filter("0", "1").is_ok());
        assert!(time_filter("0", "253370764799").is_ok());
        let latest = parse_time("to", "253370764799").unwrap();
        assert_eq!(latest.month(), "999812");
    }

    proptest! {
        /// Names are unique, so that a cursor of one filter is refused by another.
        #[test]
        fn different_filters_have_different_names(
            a in filters(),
            b in filters(),
        ) {
            prop_assert_eq!(a == b, a.cursor_name() == b.cursor_name());
        }
    }

    fn filters() -> impl Strategy<Value = ActivityFilter> {
        let action =
            proptest::option::of(proptest::sample::select(vec!["client.renamed", "key.used"]));
        let user = proptest::option::of(proptest::sample::select(vec![
            "usr_mfrggzdfmztwq2lknnwg23tpoa",
            "usr_mfrggzdfmztwq2lknnwg23tpoq",
        ]));
        let time = || proptest::option::of(0..3_u8);
        (action, user, time(), time()).prop_filter_map(
            "from before to",
            |(action, user, from, to)| {
                let text = |at: Option<u8>| at.map(|at| at.to_string());
                let (from, to) = (text(from), text(to));
                ActivityFilter::parse(action, user, from.as_deref(), to.as_deref()).ok()
            },
        )
    }
}
