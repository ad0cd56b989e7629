//! Writes the CSV table up to the size limit of a response.

use ::csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::super::AuditEvent;
use super::super::actor_names::ActorNames;
use super::formula_escape::escape_formulas;
use crate::error::{Error, Result};

/// Maximum size of the JSON-escaped table in bytes. Lambda's limit for a whole response is 6 MiB.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_TABLE_BYTES: usize = 5_500_000;

const COLUMNS: [&str; 13] = [
    "id",
    "timestamp",
    "time",
    "action",
    "user_id",
    "user_email",
    "key_id",
    "key_name",
    "support",
    "target",
    "ip",
    "user_agent",
    "details",
];

/// A CSV table that is being written.
pub(super) struct CsvTable {
    writer: Writer<Vec<u8>>,
    /// The end of the last complete row in the written bytes.
    end: usize,
    /// The number of JSON-escaped bytes that may still be written.
    remaining: usize,
}

/// Creates a CSV writer that quotes every cell and ends lines with CRLF.
pub(crate) fn writer() -> Writer<Vec<u8>> {
    let mut builder = WriterBuilder::new();
    builder.quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(Vec::new())
}

impl CsvTable {
    /// Starts a table with its column names.
    pub(super) fn new() -> Result<Self> {
        let mut table = Self { writer: writer(), end: 0, remaining: MAX_TABLE_BYTES };
        table.row(&COLUMNS.map(str::to_owned))?;
        Ok(table)
    }

    /// Adds an event and returns true, or returns false if it does not fit.
    pub(super) fn add(&mut self, event: &AuditEvent, names: &ActorNames) -> Result<bool> {
        let (user, key) = (names.user(event), names.key(event));
        let (user_id, email) = user.map(|user| (user.id, user.email)).unzip();
        let (key_id, key_name) = key.map(|key| (key.id.to_string(), key.name)).unzip();
        let action = serde_json::to_value(event.action).map_err(Error::internal)?;
        let details = serde_json::to_string(&event.details).map_err(Error::internal)?;
        self.row(&[
            event.id.to_string(),
            event.at.to_string(),
            event.at.rfc3339(),
            action.as_str().unwrap_or_default().to_owned(),
            user_id.unwrap_or_default(),
            email.flatten().unwrap_or_default(),
            key_id.unwrap_or_default(),
            key_name.flatten().unwrap_or_default(),
            if event.is_by_support() { "support".to_owned() } else { String::new() },
            event.target.clone(),
            event.ip.to_string(),
            event.user_agent.clone(),
            details,
        ])
    }

    fn row(&mut self, cells: &[String; COLUMNS.len()]) -> Result<bool> {
        self.writer
            .write_record(cells.iter().map(|cell| escape_formulas(cell)))
            .map_err(Error::internal)?;
        self.writer.flush().map_err(Error::internal)?;
        let written = self.writer.get_ref();
        let Some(remaining) = self.remaining.checked_sub(json_escaped_len(&written[self.end..]))
        else {
            return Ok(false);
        };
        (self.remaining, self.end) = (remaining, written.len());
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

/// Returns the length of the text inside a JSON string, which is how Lambda transmits a response body.
fn json_escaped_len(text: &[u8]) -> usize {
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
    fn a_row_without_room_is_left_out_entirely() {
        let mut table = CsvTable::new().unwrap();
        let head = table.end;
        let row = COLUMNS.map(|_| "x".to_owned());
        // Each cell has two quotes that are escaped, one letter, and a comma or a line end.
        table.remaining = 2 * (COLUMNS.len() * 6 + 3) + 1;
        let added: Vec<_> = (0..3).map(|_| table.row(&row).unwrap()).collect();
        assert_eq!(added, [true, true, false]);
        let text = table.finish().unwrap();
        assert_eq!(text[head..].matches("\r\n").count(), 2);
        assert!(text.ends_with("\"x\"\r\n"));
    }

    proptest! {
        #[test]
        fn json_escaped_len_matches_serde_json(text in ".{0,50}") {
            let seen = serde_json::to_string(&text).unwrap().len() - "\"\"".len();
            prop_assert_eq!(json_escaped_len(text.as_bytes()), seen);
        }
    }
}
