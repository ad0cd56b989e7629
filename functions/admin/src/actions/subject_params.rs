//! The parameters of actions that concern an account or an organization.

use serde::Deserialize;
use shared::error::Result;
use shared::operators::subject::Subject;

/// Parameters of an action on an account or an organization.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubjectParams {
    /// The id of an account or an organization.
    id: String,
}

impl SubjectParams {
    /// Parses the id.
    ///
    /// # Errors
    /// `InvalidField` if it is the id of neither an account nor an organization.
    pub(super) fn subject(&self) -> Result<Subject> {
        Subject::parse(&self.id)
    }
}
