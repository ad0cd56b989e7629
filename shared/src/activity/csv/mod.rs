//! An organization's activity log as CSV (RFC 4180), for spreadsheets and archives.

mod cell;
mod table;

use super::list::{past, timeline};
use super::names::Names;
use super::of_client::shown_since;
use super::{Entry, Filter, Scope};
use crate::context::Context;
use crate::credentials::Credential;
use crate::error::{Error, Result};
use crate::ids::OrganizationId;
use crate::organizations::admit::admit;
use crate::organizations::rights::Right;
use crate::requester::Requester;
use table::Table;

/// Most entries, the newest.
const MOST: usize = 10_000;

/// A log, or the newest part of it.
#[derive(Clone, Debug)]
pub struct Csv {
    /// Lines that end in CRLF, the first of them the names of the columns.
    pub text: String,
    /// Whether there may be more than fitted.
    pub truncated: bool,
}

/// What happened in an organization, newest first, as far back as its plan shows: up to 10,000 entries,
/// and no more than one answer of a function holds. [`Error::NotFound`], [`Error::NoAccess`];
/// [`Error::NotInPlan`] where the plan has no CSV.
pub async fn csv(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    organization_id: &OrganizationId,
    filter: &Filter,
) -> Result<Csv> {
    let right = Right::SeeActivity;
    let (admitted, _) = admit(ctx, requester, credential, organization_id, right, &[]).await?;
    let plan = admitted.organization.plan;
    if !plan.limits().activity_csv {
        return Err(Error::NotInPlan { plan: plan.name(), what: "the activity log as CSV" });
    }
    let (scope, now) = (Scope::Organization(organization_id.clone()), ctx.now());
    let past = past(&scope, filter, now, shown_since(&admitted.organization, now));
    let found = timeline(&scope, filter, now)?.read_newest::<Entry, _>(ctx, &past, MOST).await?;
    let names = Names::read(ctx, organization_id, admitted.caller.user(), &found.items).await?;
    let mut table = Table::new()?;
    for entry in &found.items {
        if !table.add(entry, &names)? {
            return Ok(Csv { text: table.finish()?, truncated: true });
        }
    }
    Ok(Csv { text: table.finish()?, truncated: found.more })
}
