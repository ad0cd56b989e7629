//! Exports an organization's audit log as CSV (RFC 4180) for spreadsheets and archives.

mod cell;
mod table;

use super::list::{past, timeline};
use super::names::Names;
use super::of_client::shown_since;
use super::{Entry, Filter, Scope};
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;
use table::Table;

/// Maximum number of events in one file. The newest are exported.
const MOST: usize = 10_000;

/// An exported audit log.
#[derive(Clone, Debug)]
pub struct Csv {
    /// Lines that end in CRLF. The first line has the column names.
    pub text: String,
    /// Whether older events may have been left out.
    pub truncated: bool,
}

/// Exports an organization's events, newest first, as far back as its plan shows. A file has at
/// most 10,000 events, and must fit into one Lambda response.
///
/// # Errors
///
/// * [`Error::NotFound`] if the organization does not exist.
/// * [`Error::NoAccess`] if the caller may not see the audit log.
/// * [`Error::NotInPlan`] if the plan does not include the CSV export.
pub async fn csv(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    filter: &Filter,
) -> Result<Csv> {
    let right = Right::SeeActivity;
    let (authorized, _) = authorize(ctx, caller, organization_id, right, &[]).await?;
    let plan = authorized.organization.plan;
    if !plan.limits().activity_csv {
        return Err(Error::NotInPlan { plan: plan.name(), what: "the activity log as CSV" });
    }
    let (scope, now) = (Scope::Organization(organization_id.clone()), ctx.now());
    let past = past(&scope, filter, now, shown_since(&authorized.organization, now));
    let found = timeline(&scope, filter, now)?.first::<Entry>(ctx, &past, MOST).await?;
    let names =
        Names::read(ctx, organization_id, authorized.principal.user(), &found.items).await?;
    let mut table = Table::new()?;
    for entry in &found.items {
        if !table.add(entry, &names)? {
            return Ok(Csv { text: table.finish()?, truncated: true });
        }
    }
    Ok(Csv { text: table.finish()?, truncated: found.more })
}
