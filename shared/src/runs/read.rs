//! Reads a run.

use super::{Run, RunView};
use crate::context::Context;
use crate::credentials::Caller;
use crate::error::{Error, Result};
use crate::ids::RunId;
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::authorize::authorize_project;

/// Returns a run. Costs one read.
///
/// # Errors
///
/// * [`Error::NotFound`] if the run or its project does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
pub async fn read(ctx: &Context, caller: &Caller, id: &RunId) -> Result<RunView> {
    let key = keys::run(id);
    let extra_keys = [key.clone()];
    let (_, _, found) =
        authorize_project(ctx, caller, &id.project(), Right::ViewProjects, &extra_keys).await?;
    let run: Run = found.read(&key)?.ok_or(Error::NotFound)?;
    Ok(RunView::from(&run))
}
