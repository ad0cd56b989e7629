//! The SQLite database of the embedded engine.

use std::error::Error;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use dynoxide::actions::tag_resource::TagResourceRequest;
use dynoxide::types::{Item, Tag};
use dynoxide::{Database, DynoxideError, ImportOptions};
use rusqlite::Connection;
use serde_json::Value;

use crate::StartError;

/// An index of the stream's records. Each write asks for the last sequence number, and each read for the
/// records after a number. Without the index, the engine scans the whole stream for both.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS _stream_records_by_number \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// Deletes the stream's records before the one whose number is the value of the table's tag.
///
/// The engine has no call for this. A statement on another connection could make a call of the engine fail, because a
/// database in memory has no waiting for locks. A trigger runs on the engine's own connection, within its call. The
/// engine adds a digit in front of the numbers that it shows.
const STREAM_TRIM: &str = "CREATE TRIGGER IF NOT EXISTS _stream_records_trim \
     AFTER UPDATE OF tags ON _tables BEGIN \
     DELETE FROM _stream_records WHERE table_name = NEW.table_name AND CAST(sequence_number AS INTEGER) \
     < CAST(substr(json_extract(NEW.tags, '$[0].Value'), 2) AS INTEGER); END";

/// The key of the tag with the number of the last record that was processed. The table has no other tag.
const TRIM_TAG: &str = "processed";

/// Opens the database file, which is created if it does not exist, or a new database in memory without a
/// file.
///
/// # Errors
/// [`StartError::Aws`] if the path is not Unicode or SQLite cannot open the file.
pub fn open_database(file: Option<PathBuf>) -> Result<Database, StartError> {
    let path = match &file {
        None => in_memory(),
        Some(file) => file
            .to_str()
            .ok_or_else(|| StartError::aws("the data folder's path is not Unicode"))?
            .to_owned(),
    };
    let database = Database::new(&path).map_err(StartError::aws)?;
    Connection::open(&path)
        .and_then(|connection| {
            connection.execute_batch(STREAM_INDEX)?;
            connection.execute_batch(STREAM_TRIM)
        })
        .map_err(StartError::aws)?;
    Ok(database)
}

/// Writes many rows in DynamoDB's JSON to a table at once, without stream records.
///
/// # Errors
/// The reason why a row is not valid, or the engine's error.
pub fn import_rows(
    database: &Database,
    table: &str,
    rows: Vec<Value>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let items: Vec<Item> =
        rows.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?;
    database.import_items(table, items, ImportOptions::default())?;
    Ok(())
}

/// Deletes the records of a stream before the one with the number `last`. The last record itself stays, because the
/// engine counts on from the highest number that is stored.
///
/// # Errors
/// The engine's error.
pub(crate) fn trim_stream(
    database: &Database,
    stream_arn: &str,
    last: &str,
) -> Result<(), DynoxideError> {
    let tag = Tag { key: TRIM_TAG.to_owned(), value: last.to_owned() };
    // The engine finds the table by the ARN of its stream as well.
    let resource_arn = Some(stream_arn.to_owned());
    database.tag_resource(TagResourceRequest { resource_arn, tags: vec![tag] })?;
    Ok(())
}

/// Returns the name of a new database in memory. Several connections can share it while the first is open.
/// <https://www.sqlite.org/inmemorydb.html#sharedmemdb>
fn in_memory() -> String {
    static OPENED: AtomicU64 = AtomicU64::new(0);
    let number = OPENED.fetch_add(1, Ordering::Relaxed);
    format!("file:table-{number}?mode=memory&cache=shared")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_streams_last_number_is_found_by_the_index() {
        let path = in_memory();
        let _engine = Database::new(&path).unwrap();
        let connection = Connection::open(&path).unwrap();
        let plan = || {
            connection
                .query_row(
                    "EXPLAIN QUERY PLAN SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 \
                     FROM _stream_records WHERE table_name = ?1",
                    ["Table"],
                    |row| row.get::<_, String>(3),
                )
                .unwrap()
        };
        assert!(!plan().contains("INDEX"), "{}", plan());
        connection.execute_batch(STREAM_INDEX).unwrap();
        assert!(plan().contains("USING COVERING INDEX _stream_records_by_number"), "{}", plan());
    }

    #[test]
    fn databases_in_memory_are_apart() {
        let (one, other) = (in_memory(), in_memory());
        assert_ne!(one, other);
    }
}
