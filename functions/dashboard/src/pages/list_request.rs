//! What a page's query asks of a list: a page, and a text to search for.

use shared::dynamo::{Page, PageRequest};

/// A list with more rows has a field that searches it.
const MAX_ROWS_WITHOUT_SEARCH: usize = 10;

/// A request for one page of a list, and a text to search for. The search goes through the rows of the page, so it
/// costs no further reads.
#[derive(Clone, Debug)]
pub(crate) struct ListRequest {
    /// The requested page, as operations take it.
    pub(crate) page: PageRequest,
    /// The cursors of the pages before it, from the second page on.
    pub(super) newer: Vec<String>,
    /// The text that the shown rows contain. Empty to show all rows.
    pub(super) search: String,
}

/// The field that searches a list. Templates show it with `ui::search`.
#[derive(Debug)]
pub(crate) struct SearchField {
    /// The text that is searched for. Empty if all rows are shown.
    pub(crate) text: String,
    /// Whether the list has the field: if it is long, or was searched.
    pub(crate) is_shown: bool,
}

impl ListRequest {
    /// Creates a request for the first page of a list with `limit` entries.
    pub(crate) fn first(limit: u16) -> Self {
        Self { page: PageRequest { limit, cursor: None }, newer: Vec::new(), search: String::new() }
    }

    /// Keeps the rows with a text that contains what is searched for, and returns the field for the search. `listed` is
    /// `None` if the list is unavailable.
    pub(crate) fn search<T>(
        &self,
        listed: Option<&mut Page<T>>,
        texts: impl Fn(&T) -> Vec<&str>,
    ) -> SearchField {
        let is_shown = listed.is_some_and(|page| {
            let has_other_pages = self.page.cursor.is_some() || page.next_cursor.is_some();
            let is_long = has_other_pages || page.data.len() > MAX_ROWS_WITHOUT_SEARCH;
            page.data.retain(|row| self.matches(&texts(row)));
            is_long || !self.search.is_empty()
        });
        SearchField { text: self.search.clone(), is_shown }
    }

    /// Returns whether one of a row's texts contains what is searched for, regardless of case.
    fn matches(&self, texts: &[&str]) -> bool {
        let search = self.search.to_lowercase();
        search.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&search))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(text: &str, rows: usize, next: Option<&str>) -> (usize, bool) {
        let request = ListRequest { search: text.to_owned(), ..ListRequest::first(50) };
        let rows: Vec<_> = (1..=rows).map(|number| format!("Project {number}")).collect();
        let mut page = Page { data: rows, next_cursor: next.map(str::to_owned) };
        let field = request.search(Some(&mut page), |row| vec![row.as_str(), ""]);
        (page.data.len(), field.is_shown)
    }

    #[test]
    fn a_search_keeps_matching_rows_regardless_of_case() {
        assert_eq!(search("PROJECT 1", 12, None), (4, true));
        assert_eq!(search("zzz", 12, None), (0, true));
        assert_eq!(search("", 12, None), (12, true));
    }

    #[test]
    fn long_and_searched_lists_have_a_search_field() {
        assert_eq!(search("", 10, None), (10, false));
        assert_eq!(search("", 1, Some("next")), (1, true));
        assert_eq!(search("1", 1, None), (1, true));
        let missing = ListRequest::first(50).search(None::<&mut Page<String>>, |_| Vec::new());
        assert!(!missing.is_shown);
    }
}
