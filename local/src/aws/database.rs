//! The SQLite database of the embedded engine.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use dynoxide::Database;
use rusqlite::Connection;

use crate::StartError;

/// An index of the stream's records. Each write asks for the last sequence number, and each read for the
/// records after a number. Without the index, the engine scans the whole stream for both.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS _stream_records_by_number \
     ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

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
        .and_then(|connection| connection.execute_batch(STREAM_INDEX))
        .map_err(StartError::aws)?;
    Ok(database)
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
