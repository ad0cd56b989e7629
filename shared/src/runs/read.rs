//! Reads a run.

use super::{Run, RunView};
use crate::context::Context;
use crate::credentials::Credential;
use crate::error::{Error, Result};
use crate::ids::RunId;
use crate::keys;
use crate::projects::admit::admit;
use crate::requester::Requester;

/// Returns a run. Costs one read.
///
/// # Errors
///
/// * [`Error::NotFound`] if the run or its project does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
pub async fn read(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    id: &RunId,
) -> Result<RunView> {
    let key = keys::run(id);
    let also = [key.clone()];
    let (_, _, found) = admit(ctx, requester, credential, &id.project(), &also).await?;
    let run: Run = found.read(&key)?.ok_or(Error::NotFound)?;
    Ok(RunView::from(&run))
}
