//! Writes the CSV table up to the size limit of a response.

use ::csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::super::Entry;
use super::super::names::Names;
use super::cell::inert;
use crate::error::{Error, Result};

/// Maximum size of the JSON-escaped table in bytes. Lambda's limit for a whole response is 6 MiB.
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

/// A CSV table that is being written.
pub(super) struct Table {
    writer: Writer<Vec<u8>>,
    /// The end of the last complete row in the written bytes.
    end: usize,
    /// The number of JSON-escaped bytes that may still be written.
    left: usize,
}

/// Creates a CSV writer that quotes every cell and ends lines with CRLF.
pub(super) fn writer() -> Writer<Vec<u8>> {
    let mut builder = WriterBuilder::new();
    builder.quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(Vec::new())
}

impl Table {
    /// Starts a table with its column names.
    pub(super) fn new() -> Result<Self> {
        let mut table = Self { writer: writer(), end: 0, left: LARGEST };
        table.row(&COLUMNS.map(str::to_owned))?;
        Ok(table)
    }

    /// Adds an event and returns true, or returns false if it does not fit.
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

    /// Returns the table as text.
    pub(super) fn finish(self) -> Result<String> {
        let mut written = self.writer.into_inner().map_err(|e| Error::internal(e.to_string()))?;
        // A row that did not fit has been written after the last complete one.
        written.truncate(self.end);
        String::from_utf8(written).map_err(Error::internal)
    }
}

/// Returns the length of the text inside a JSON string, which is how Lambda transmits a response
/// body.
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
        // Each cell has two quotes that are escaped, one letter, and a comma or a line end.
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
