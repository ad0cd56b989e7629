//! Exports the ledger entries of an organization as CSV (RFC 4180).

use super::list_transactions::{TransactionFilter, list_filtered_transactions};
use crate::activity::csv_export::{csv_writer, escape_formulas};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{MAX_PAGE_SIZE, PageRequest};
use crate::error::{Error, Result};
use crate::ids::OrganizationId;

/// The maximum number of pages that an export reads.
const MAX_PAGES: u16 = 10;

/// The maximum number of transactions in a file. With the longest descriptions it still fits into one response of
/// Lambda (6 MiB).
pub const MAX_CSV_TRANSACTIONS: u16 = MAX_PAGES * MAX_PAGE_SIZE;

const COLUMNS: [&str; 7] =
    ["time", "type", "description", "credits", "balance_after", "run_id", "project_id"];

/// Exports the newest ledger entries that match a filter, newest first.
///
/// # Errors
/// `NotFound` if the organization does not exist, `NoAccess` if the caller may not see its credits.
pub async fn export_transactions(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    filter: &TransactionFilter,
) -> Result<String> {
    let mut writer = csv_writer();
    writer.write_record(COLUMNS).map_err(Error::internal)?;
    let mut request = PageRequest { limit: MAX_PAGE_SIZE, cursor: None };
    for _ in 0..MAX_PAGES {
        let page =
            list_filtered_transactions(ctx, caller, organization_id, filter, &request).await?;
        for entry in page.data {
            let id = |id: Option<String>| id.unwrap_or_default();
            let cells = [
                entry.created_at.rfc3339(),
                entry.kind.name().to_owned(),
                escape_formulas(&entry.description),
                entry.credits.to_string(),
                entry.balance_after.to_string(),
                id(entry.run_id.map(|id| id.to_string())),
                id(entry.project_id.map(|id| id.to_string())),
            ];
            writer.write_record(&cells).map_err(Error::internal)?;
        }
        request.cursor = page.next_cursor;
        if request.cursor.is_none() {
            break;
        }
    }
    let written = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    String::from_utf8(written).map_err(Error::internal)
}
