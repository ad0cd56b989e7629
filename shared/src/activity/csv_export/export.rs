//! The export itself: reads the newest events and writes them into the table.

use super::table::CsvTable;
use crate::activity::actor_names::ActorNames;
use crate::activity::organization_log::visible_since;
use crate::activity::timeline::{build_timeline, older_months};
use crate::activity::{ActivityFilter, AuditEvent, AuditScope};
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::authorize::authorize;
use crate::organizations::rights::Right;

/// Maximum number of events in one file. The newest are exported.
pub const MAX_CSV_EVENTS: usize = 10_000;

/// An organization's audit log as the text of a CSV file.
#[derive(Clone, Debug)]
pub struct CsvExport {
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
pub async fn export_csv(
    ctx: &Context,
    caller: &Caller,
    organization_id: &OrganizationId,
    filter: &ActivityFilter,
) -> Result<CsvExport> {
    let right = Right::ViewActivity;
    let (authorized, _) = authorize(ctx, caller, organization_id, right, &[]).await?;
    let plan = authorized.organization.plan;
    if !plan.limits().activity_csv {
        return Err(Error::NotInPlan { plan: plan.name(), what: "the activity log as CSV" });
    }
    let (scope, now) = (AuditScope::Organization(organization_id.clone()), ctx.now());
    let past = older_months(&scope, filter, now, visible_since(&authorized.organization, now));
    let found = build_timeline(&scope, filter, now)?
        .read_newest::<AuditEvent, _>(ctx, &past, MAX_CSV_EVENTS)
        .await?;
    let names =
        ActorNames::read(ctx, organization_id, authorized.principal.user(), &found.items).await?;
    let mut table = CsvTable::new()?;
    for event in &found.items {
        if !table.add(event, &names)? {
            return Ok(CsvExport { text: table.finish()?, truncated: true });
        }
    }
    Ok(CsvExport { text: table.finish()?, truncated: found.more })
}
