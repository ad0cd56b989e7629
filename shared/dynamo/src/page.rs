//! Pages of lists: what a caller requests and gets.

/// Entries on a page unless the request says otherwise.
pub const DEFAULT_PAGE_SIZE: u16 = 50;

/// Most entries on a page.
pub const MAX_PAGE_SIZE: u16 = 200;

/// A request for one page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The number of entries, from 1 to [`MAX_PAGE_SIZE`].
    pub limit: u16,
    /// The cursor that came with the previous page; `None` for the first page.
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The entries, in the list's order.
    pub data: Vec<T>,
    /// The cursor of the next page; `None` on the last.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Returns a page without entries and without a next page.
    pub const fn empty() -> Self {
        Self { data: Vec::new(), next_cursor: None }
    }

    /// Replaces the entries and keeps the cursor.
    pub fn with_data<U>(self, data: Vec<U>) -> Page<U> {
        Page { data, next_cursor: self.next_cursor }
    }
}
