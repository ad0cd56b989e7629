//! Links between the pages of a list.

/// The links below a list. Lists are in order of time, the newest entry first, unless the page says otherwise.
#[derive(Debug, Default)]
pub(crate) struct Pager {
    /// The link to the first page, on every page but the first.
    pub(crate) first: Option<String>,
    /// The link to the next page, with older entries.
    pub(crate) older: Option<String>,
}

impl Pager {
    /// Creates the links. `path` is the page's path and `filters` its query parameters without the cursor.
    pub(crate) fn new(
        path: &str,
        filters: &[(&str, &str)],
        cursor: Option<&str>,
        next_cursor: Option<&str>,
    ) -> Self {
        let link = |cursor: Option<&str>| {
            let given = filters.iter().filter(|(_, value)| !value.is_empty());
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(given)
                .extend_pairs(cursor.map(|cursor| ("cursor", cursor)))
                .finish();
            if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
        };
        Self { first: cursor.map(|_| link(None)), older: next_cursor.map(|next| link(Some(next))) }
    }

    /// Returns whether the list has other pages.
    pub(crate) fn has_others(&self) -> bool {
        self.first.is_some() || self.older.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_the_filters() {
        let pager = Pager::new("/p", &[("kind", "a b"), ("from", "")], Some("x"), Some("y="));
        assert_eq!(pager.first.as_deref(), Some("/p?kind=a+b"));
        assert_eq!(pager.older.as_deref(), Some("/p?kind=a+b&cursor=y%3D"));
        let pager = Pager::new("/p", &[], None, None);
        assert_eq!((pager.first, pager.older), (None, None));
    }
}
