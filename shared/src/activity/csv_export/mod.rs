//! Exports an organization's audit log as CSV (RFC 4180) for spreadsheets and archives.

mod export;
mod formula_escape;
mod table;

pub use export::{CsvExport, MAX_CSV_EVENTS, export_csv};
