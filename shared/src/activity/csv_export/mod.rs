//! Exports an organization's audit log as CSV (RFC 4180) for spreadsheets and archives.

mod export;
mod formula_escape;
mod table;

pub(crate) use formula_escape::escape_formulas;
pub(crate) use table::writer as csv_writer;

pub use export::{CsvExport, MAX_CSV_EVENTS, export_csv};
