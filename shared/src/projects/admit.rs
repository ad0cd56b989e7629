//! Whether a caller may do something in a project.

use super::Project;
use crate::clients::admit::{self, Admitted};
use crate::clients::rights::Right;
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Found, Key, keys};
use crate::error::{Error, Result};
use crate::ids::ProjectId;
use crate::requester::Requester;

/// Admits the caller to the project's organization, and finds the project; reads the rows `also` on the
/// way. One read, as [`admit::admit`], whose errors it has; [`Error::NotFound`] of a project that doesn't
/// exist (any more) in an organization that the caller belongs to.
pub async fn admit(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    project: &ProjectId,
    also: &[Key],
) -> Result<(Admitted, Project, Found)> {
    let key = keys::project(project);
    let wanted: Vec<_> = [&key].into_iter().chain(also).cloned().collect();
    let client = project.client();
    let (admitted, found) =
        admit::admit(ctx, requester, credential, &client, Right::Work, &wanted).await?;
    let stored: Option<Project> = found.read(&key)?;
    let project = stored.filter(Project::exists).ok_or(Error::NotFound)?;
    Ok((admitted, project, found))
}
