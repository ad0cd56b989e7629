//! The filters of an activity log in a page's query: kind, from, to.

use shared::activity::{ActionKind, ActivityFilter};
use shared::error::{Error, Result};
use shared::values::Timezone;

use super::{DateRange, PageQuery, kind_label};

/// The filters of an activity log, as a page's query names them.
#[derive(Debug)]
pub(crate) struct ActivityFilters {
    kind: Option<ActionKind>,
    range: DateRange,
    /// The day that the query names.
    pub(crate) from: String,
    /// The day that the query names.
    pub(crate) to: String,
}

impl ActivityFilters {
    /// Reads the filters from a page's query.
    ///
    /// # Errors
    /// `InvalidField` if a filter is malformed.
    pub(crate) fn parse(query: &PageQuery) -> Result<Self> {
        let kind = |name| {
            let unknown = || Error::invalid_field("kind", "choose one of the offered kinds");
            ActionKind::parse(name).ok_or_else(unknown)
        };
        Ok(Self {
            kind: query.optional("kind").map(kind).transpose()?,
            range: DateRange::parse(query)?,
            from: query.get("from").to_owned(),
            to: query.get("to").to_owned(),
        })
    }

    /// Returns whether the filters depend on the time zone of the person.
    pub(crate) fn has_days(&self) -> bool {
        !self.range.is_unlimited()
    }

    /// Returns the filter of the log, with days of a time zone.
    ///
    /// # Errors
    /// `InvalidField` if the period ends before it begins.
    pub(crate) fn in_zone(&self, zone: &Timezone) -> Result<ActivityFilter> {
        let (from, to) = self.range.bounds(zone);
        ActivityFilter::of_kind(self.kind, from, to)
    }

    /// Returns the name of the kind, or an empty text.
    pub(crate) fn kind(&self) -> &'static str {
        self.kind.map_or("", ActionKind::name)
    }

    /// Returns whether a kind, or all of them by an empty text, is the chosen one.
    pub(crate) fn is_kind(&self, name: &str) -> bool {
        self.kind() == name
    }

    /// Returns whether any filter is set.
    pub(crate) fn is_set(&self) -> bool {
        self.kind.is_some() || self.has_days()
    }

    /// Returns the parameters for links to other pages of the log.
    pub(crate) fn parameters(&self) -> [(&'static str, &str); 3] {
        [("kind", self.kind()), ("from", &self.from), ("to", &self.to)]
    }

    /// Returns the kinds as options of a form.
    pub(crate) fn options(&self) -> Vec<(&'static str, &'static str)> {
        let kinds = ActionKind::ALL.map(|kind| (kind.name(), kind_label(kind)));
        std::iter::once(("", "Everything")).chain(kinds).collect()
    }
}
