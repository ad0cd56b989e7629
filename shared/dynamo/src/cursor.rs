//! Cursors: the position behind the last entry of a page, encrypted. A client cannot read a cursor,
//! change it, or use it for another list.

use crate::environment::CursorCipher;
use crate::error::Error;
use crate::key::Key;
use crate::page::PageRequest;

/// Makes the cursor to the entries behind the item with that key.
pub(crate) fn seal_key(cipher: &impl CursorCipher, aad: &str, key: &Key) -> Result<String, Error> {
    seal_cursor(cipher, aad, (&key.pk, &key.sk))
}

/// Reads the key behind which the requested page begins; `None` for the first page.
/// [`Error::InvalidCursor`] unless the cursor was made with the same `aad`.
pub(crate) fn open_key(
    cipher: &impl CursorCipher,
    aad: &str,
    page: &PageRequest,
) -> Result<Option<Key>, Error> {
    let opened = open_cursor(cipher, aad, page)?;
    Ok(opened.map(|(pk, sk)| Key { pk, sk }))
}

/// Makes a cursor from two texts that name the last entry of a page, for a list that is not one query.
/// The first text must not contain a line feed.
///
/// # Errors
/// [`Error::Internal`] if the cipher fails.
pub fn seal_cursor(
    cipher: &impl CursorCipher,
    aad: &str,
    (first, second): (&str, &str),
) -> Result<String, Error> {
    cipher.seal(aad, format!("{first}\n{second}").as_bytes())
}

/// Reads the two texts that [`seal_cursor`] was given; `None` if the request has no cursor.
///
/// # Errors
/// [`Error::InvalidCursor`] unless the cursor was made with the same `aad`.
pub fn open_cursor(
    cipher: &impl CursorCipher,
    aad: &str,
    page: &PageRequest,
) -> Result<Option<(String, String)>, Error> {
    let Some(cursor) = &page.cursor else {
        return Ok(None);
    };
    let opened = cipher.open(aad, cursor);
    let text = opened.and_then(|text| String::from_utf8(text).ok());
    let pair = text.as_deref().and_then(|text| text.split_once('\n'));
    let (first, second) = pair.ok_or(Error::InvalidCursor)?;
    Ok(Some((first.to_owned(), second.to_owned())))
}
