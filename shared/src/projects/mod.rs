//! Projects of an organization, which contain artifacts, runs and a brief.

mod audit;
pub mod authorize;
pub mod brief;
pub mod change;
pub mod copy;
pub mod create;
pub mod deferred_deletions;
pub mod delete;
mod description;
pub mod fork;
mod fork_name;
pub mod list;
pub mod read;
pub mod sweep;
mod view;

use serde::{Deserialize, Serialize};

pub use description::{Description, MAX_DESCRIPTION_LEN};
pub use view::{ForkStatus, ProjectView};

use crate::clock::Timestamp;
use crate::dynamo::{AttemptError, Condition, Key, Record, Tx, Update};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, ProjectId};
use crate::keys;
use crate::values::Name;

/// A project as stored. Its brief, artifacts and runs are items of their own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Project {
    /// The project's id, which contains its organization's id.
    pub id: ProjectId,
    /// The project's name, unique within the organization regardless of case.
    pub name: Name,
    /// Text that explains the project to its members.
    pub description: Option<Description>,
    /// The project that this one was forked from.
    pub forked_from_id: Option<ProjectId>,
    /// When the project was created.
    pub created_at: Timestamp,
    /// When the project, its brief or its artifacts were last changed.
    pub updated_at: Timestamp,
    /// The number of files in the project.
    #[serde(default)]
    pub files: u32,
    /// How often the project was forked. Every version of a file stores this count, by which a fork
    /// tells the versions that existed when it was created from later ones.
    #[serde(default)]
    pub forks: u32,
    /// The number of forks that are being copied. Until it is zero, deletions of versions are deferred.
    #[serde(default)]
    pub copies: u32,
    /// The progress of copying files into this fork. While it is set, nothing else may change in
    /// the project.
    pub copying: Option<CopyProgress>,
    /// When the project was deleted. From then on it is treated as missing, while the worker
    /// deletes its content.
    pub deleted_at: Option<Timestamp>,
    /// A version that every change increments, also of files and the brief, for optimistic locking.
    #[serde(default)]
    pub version: u64,
}

/// The progress of copying files into a fork.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyProgress {
    /// How often the original had been forked before.
    pub forks: u32,
    /// The sort key of the last version that was visited.
    pub after: Option<String>,
    /// Whether that version's path is finished, so that its older versions are skipped.
    pub settled: bool,
}

impl Project {
    /// Creates an empty project.
    pub fn new(
        id: ProjectId,
        name: Name,
        description: Option<Description>,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            name,
            description,
            forked_from_id: None,
            created_at: now,
            updated_at: now,
            files: 0,
            forks: 0,
            copies: 0,
            copying: None,
            deleted_at: None,
            version: 0,
        }
    }

    /// Returns whether the project has not been deleted.
    pub(crate) fn exists(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// Refuses a change while files are being copied into the project.
    ///
    /// # Errors
    ///
    /// * [`Error::ProjectCopying`] if the copying has not finished.
    pub(crate) fn require_not_copying(&self) -> Result<()> {
        if self.copying.is_some() { Err(Error::ProjectCopying) } else { Ok(()) }
    }

    /// Stores the project in `tx` with the next version, and returns it.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if the project, its files or its brief changed since it was
    ///   read.
    pub(crate) fn store(self, tx: &mut Tx<'_>) -> Result<Self> {
        let unchanged = Condition::equal("version", self.version)?;
        let project = Self { version: self.version + 1, ..self };
        tx.put(&project, unchanged, AttemptError::Conflict)?;
        Ok(project)
    }

    /// Records a change of the project's content in `tx`, and adds `more_files` to the number of
    /// files. Concurrent changes of different files do not conflict with each other.
    ///
    /// # Errors
    ///
    /// * [`AttemptError::Conflict`] on commit if the project was deleted or forked, or its copying started
    ///   or ended, since it was read.
    pub(crate) fn record_change(
        &self,
        tx: &mut Tx<'_>,
        now: Timestamp,
        more_files: i64,
    ) -> Result<()> {
        let open = Condition::All(vec![
            Condition::equal("forks", self.forks)?,
            Condition::equal("copies", self.copies)?,
            Condition::Missing("deleted_at"),
            Condition::Missing("copying"),
        ]);
        let touched = Update::new(self.key())
            .add("version", 1)
            .add("files", more_files)
            .set("updated_at", now)?
            .only_if(open);
        tx.update(touched, AttemptError::Conflict)
    }
}

impl Record for Project {
    fn key(&self) -> Key {
        keys::project(&self.id)
    }
}

/// The row that reserves a project's name in its organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ProjectNameGuard {
    client_id: OrganizationId,
    folded: String,
    /// The project that has the name.
    pub(crate) project_id: ProjectId,
}

impl ProjectNameGuard {
    /// Creates the row for a project's name. Names that differ only in case are the same.
    pub(crate) fn new(project: &ProjectId, name: &Name) -> Self {
        let (client_id, folded) = (project.organization(), name.as_str().to_lowercase());
        Self { client_id, folded, project_id: project.clone() }
    }
}

impl Record for ProjectNameGuard {
    fn key(&self) -> Key {
        keys::project_name_guard(&self.client_id, &self.folded)
    }
}
