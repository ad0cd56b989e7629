//! Links between the pages of a list.

use super::ListRequest;

/// Most pages that the link to the page before leads back through. Each has a cursor in the URL.
const MAX_PAGES_BACK: usize = 20;

/// Maximum length in bytes of the cursors of those pages. API Gateway takes request lines and headers of up to 10,240
/// bytes, and a cursor may contain the path of a file.
const MAX_CURSORS_LEN: usize = 4_000;

/// The links below a list.
#[derive(Debug, Default)]
pub(crate) struct Pager {
    /// The link to the page before, on every page but the first.
    pub(crate) newer: Option<String>,
    /// The link to the next page.
    pub(crate) older: Option<String>,
}

impl Pager {
    /// Creates the links. `path` is the page's path and `filters` its query parameters apart from the page and the
    /// search.
    pub(crate) fn new(
        path: &str,
        filters: &[(&str, &str)],
        request: &ListRequest,
        next_cursor: Option<&str>,
    ) -> Self {
        // The last of the cursors is that of the linked page, and the others are those of the pages before it.
        let link = |cursors: &[&str]| {
            let (own, newer) = match cursors {
                [] => (None, cursors),
                [newer @ .., own] => (Some(*own), newer),
            };
            let given = filters.iter().copied().chain([("q", request.search.as_str())]);
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(given.filter(|(_, value)| !value.is_empty()))
                .extend_pairs(last_cursors(newer).map(|cursor| ("newer", cursor)))
                .extend_pairs(own.map(|cursor| ("cursor", cursor)))
                .finish();
            if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
        };
        let Some(own) = request.page.cursor.as_deref() else {
            return Self { newer: None, older: next_cursor.map(|next| link(&[next])) };
        };
        let mut cursors: Vec<_> = request.newer.iter().map(String::as_str).collect();
        let newer = Some(link(&cursors));
        cursors.push(own);
        let older = next_cursor.map(|next| {
            cursors.push(next);
            link(&cursors)
        });
        Self { newer, older }
    }

    /// Returns whether the list has other pages.
    pub(crate) fn has_others(&self) -> bool {
        self.newer.is_some() || self.older.is_some()
    }
}

/// Returns the last of the cursors that a link has room for.
fn last_cursors<'a>(cursors: &[&'a str]) -> impl Iterator<Item = &'a str> {
    let mut room = MAX_CURSORS_LEN;
    let fits = |cursor: &&&str| {
        let left = room.checked_sub(cursor.len());
        room = left.unwrap_or_default();
        left.is_some()
    };
    let kept = cursors.iter().rev().take(MAX_PAGES_BACK).take_while(fits).count();
    cursors.iter().skip(cursors.len() - kept).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(newer: &[&str], cursor: &str) -> ListRequest {
        let mut request = ListRequest::first(50);
        request.newer = newer.iter().map(|cursor| (*cursor).to_owned()).collect();
        request.page.cursor = Some(cursor.to_owned());
        request
    }

    #[test]
    fn links_keep_the_filters_and_the_search() {
        let filters = [("kind", "a b"), ("from", "")];
        let searched = ListRequest { search: "x&".to_owned(), ..request(&[], "x") };
        let pager = Pager::new("/p", &filters, &searched, Some("y="));
        assert_eq!(pager.newer.as_deref(), Some("/p?kind=a+b&q=x%26"));
        assert_eq!(pager.older.as_deref(), Some("/p?kind=a+b&q=x%26&newer=x&cursor=y%3D"));
        let pager = Pager::new("/p", &[], &ListRequest::first(50), None);
        assert_eq!((pager.newer, pager.older), (None, None));
    }

    #[test]
    fn links_lead_back_page_by_page() {
        let first = Pager::new("/p", &[], &ListRequest::first(50), Some("2"));
        assert_eq!((first.newer.as_deref(), first.older.as_deref()), (None, Some("/p?cursor=2")));
        let second = Pager::new("/p", &[], &request(&[], "2"), Some("3"));
        assert_eq!(second.newer.as_deref(), Some("/p"));
        assert_eq!(second.older.as_deref(), Some("/p?newer=2&cursor=3"));
        let third = Pager::new("/p", &[], &request(&["2"], "3"), Some("4"));
        assert_eq!(third.newer.as_deref(), Some("/p?cursor=2"));
        assert_eq!(third.older.as_deref(), Some("/p?newer=2&newer=3&cursor=4"));
    }

    #[test]
    fn a_link_names_a_limited_number_of_pages() {
        let cursors = ["c"; 100];
        let pager = Pager::new("/p", &[], &request(&cursors, "d"), Some("e"));
        assert_eq!(pager.older.unwrap().matches("newer=").count(), MAX_PAGES_BACK);
    }

    #[test]
    fn a_link_has_a_limited_length() {
        let long = "c".repeat(1_500);
        let long = long.as_str();
        let pager = Pager::new("/p", &[], &request(&[long; 3], "d"), Some("e"));
        let older = pager.older.unwrap();
        // The nearest pages are kept.
        assert_eq!(older.matches("newer=").count(), 3);
        assert!(older.ends_with("&newer=d&cursor=e"));
    }
}
