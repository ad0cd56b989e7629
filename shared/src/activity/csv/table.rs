//! The table that is written, as far as an answer holds it.

use ::csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::super::Entry;
use super::super::names::Names;
use super::cell::inert;
use crate::error::{Error, Result};

/// Bytes that the table may take on the way. Lambda's limit is 6 MiB, with what is around it.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LARGEST: usize = 5_500_000;

const COLUMNS: [&str; 12] = [
    "id",
    "timestamp",
    "time",
    "action",
    "user_id",
    "user_email",
    "key_id",
    "key_name",
    "target",
    "ip",
    "user_agent",
    "details",
];

/// A table while it is written.
pub(super) struct Table {
    writer: Writer<Vec<u8>>,
    /// Where its last whole row ends.
    end: usize,
    /// Bytes on the way that are left.
    left: usize,
}

/// What writes the format: every cell in quotes, every line ended by CRLF.
pub(super) fn writer() -> Writer<Vec<u8>> {
    let mut builder = WriterBuilder::new();
    builder.quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(Vec::new())
}

impl Table {
    /// A table with the names of its columns.
    pub(super) fn new() -> Result<Self> {
        let mut table = Self { writer: writer(), end: 0, left: LARGEST };
        table.row(&COLUMNS.map(str::to_owned))?;
        Ok(table)
    }

    /// Adds an entry, if there is room for it; says whether there was.
    pub(super) fn add(&mut self, entry: &Entry, names: &Names) -> Result<bool> {
        let (user, key) = (names.user(entry), names.key(entry));
        let (user_id, email) = user.map(|user| (user.id, user.email)).unzip();
        let (key_id, key_name) = key.map(|key| (key.id.to_string(), key.name)).unzip();
        let action = serde_json::to_value(entry.action).map_err(Error::internal)?;
        let details = serde_json::to_string(&entry.details).map_err(Error::internal)?;
        self.row(&[
            entry.id.to_string(),
            entry.at.to_string(),
            entry.at.rfc3339(),
            action.as_str().unwrap_or_default().to_owned(),
            user_id.unwrap_or_default(),
            email.flatten().unwrap_or_default(),
            key_id.unwrap_or_default(),
            key_name.flatten().unwrap_or_default(),
            entry.target.clone(),
            entry.ip.to_string(),
            entry.user_agent.clone(),
            details,
        ])
    }

    fn row(&mut self, cells: &[String; COLUMNS.len()]) -> Result<bool> {
        self.writer.write_record(cells.iter().map(|cell| inert(cell))).map_err(Error::internal)?;
        self.writer.flush().map_err(Error::internal)?;
        let written = self.writer.get_ref();
        let Some(left) = self.left.checked_sub(on_the_way(&written[self.end..])) else {
            return Ok(false);
        };
        (self.left, self.end) = (left, written.len());
        Ok(true)
    }

    /// The text.
    pub(super) fn finish(self) -> Result<String> {
        let mut written = self.writer.into_inner().map_err(|e| Error::internal(e.to_string()))?;
        // A row that had no room is behind it.
        written.truncate(self.end);
        String::from_utf8(written).map_err(Error::internal)
    }
}

/// The bytes of a text on the way, which is as a text within Lambda's JSON.
fn on_the_way(text: &[u8]) -> usize {
    let escaped = |byte: &u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0C => 2,
        0..0x20 => r"\u0000".len(),
        _ => 1,
    };
    text.iter().map(escaped).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_row_without_room_is_left_out_whole() {
        let mut table = Table::new().unwrap();
        let head = table.end;
        let row = COLUMNS.map(|_| "x".to_owned());
        // Per cell two quotes and a letter, with a comma or the line's end.
        table.left = 2 * (12 * 6 + 3) + 1;
        let added: Vec<_> = (0..3).map(|_| table.row(&row).unwrap()).collect();
        assert_eq!(added, [true, true, false]);
        let text = table.finish().unwrap();
        assert_eq!(text[head..].matches("\r\n").count(), 2);
        assert!(text.ends_with("\"x\"\r\n"));
    }

    proptest! {
        #[test]
        fn a_text_is_as_long_as_lambda_sees_it(text in ".{0,50}") {
            let seen = serde_json::to_string(&text).unwrap().len() - "\"\"".len();
            prop_assert_eq!(on_the_way(text.as_bytes()), seen);
        }
    }
}
