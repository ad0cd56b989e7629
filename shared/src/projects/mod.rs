//! Projects: what an organization works on. Artifacts, runs and a brief lie in them.

pub mod admit;
pub mod brief;
pub mod change;
pub mod copy;
pub mod create;
pub mod delete;
pub mod fork;
mod fork_name;
pub mod leftovers;
pub mod list;
mod logged;
pub mod read;
pub mod sweep;
mod view;

use serde::{Deserialize, Serialize};

pub use view::ProjectView;

use crate::clock::Timestamp;
use crate::dynamo::{Condition, Key, Record, Tx, Update};
use crate::error::{Error, Result};
use crate::ids::{OrganizationId, ProjectId};
use crate::values::Name;
use crate::{keys, text};

/// Longest description, in characters.
const LONGEST_DESCRIPTION: usize = 1_000;

/// What a project is about, in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Description(String);

impl Description {
    /// Reads what a person typed; `None` when nothing is left. [`Error::InvalidField`].
    pub fn parse(text: &str) -> Result<Option<Self>> {
        Ok(text::one_line("description", text, LONGEST_DESCRIPTION)?.map(Self))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A project.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Project {
    /// Its id, which names its organization.
    pub id: ProjectId,
    /// What it is called; no other project of the organization is.
    pub name: Name,
    /// What it is about.
    pub description: Option<Description>,
    /// The project that it was copied from.
    pub forked_from_id: Option<ProjectId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it, its brief or its artifacts were last changed.
    pub updated_at: Timestamp,
    /// How many files lie in it.
    #[serde(default)]
    pub files: u32,
    /// How often it was forked. Every version of a file holds the number as it was then: a fork has what
    /// was there before it, whatever comes while it is being copied.
    #[serde(default)]
    pub forks: u32,
    /// How many forks of it are being copied. Until none is, what is deleted stays for them.
    #[serde(default)]
    pub copies: u32,
    /// Set while files are being copied into it: until that is done, nothing else may change in it.
    pub copying: Option<Copying>,
    /// Set from when it is deleted: from then on it doesn't exist for anybody, while what lies in it is
    /// being swept.
    pub deleted_at: Option<Timestamp>,
    /// Counts every change, of what lies in it too: whoever decides on what was read makes this part of
    /// the condition.
    #[serde(default)]
    pub version: u64,
}

/// How far the copying of files into a fork has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copying {
    /// How often the original had been forked before.
    pub forks: u32,
    /// The last file that was looked at, by the sort key of its version.
    pub after: Option<String>,
    /// Whether that file is settled: older versions of it don't count.
    pub settled: bool,
}

impl Project {
    /// A new project, with nothing in it.
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

    /// Whether anybody can still reach it.
    pub(crate) fn exists(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// [`Error::ProjectCopying`] while files are being copied into it.
    pub(crate) fn is_whole(&self) -> Result<()> {
        if self.copying.is_some() { Err(Error::ProjectCopying) } else { Ok(()) }
    }

    /// Adds to a change that this is the project from now on; [`Error::Conflict`] where it, or what lies in
    /// it, has changed since it was read.
    pub(crate) fn store(self, tx: &mut Tx<'_>) -> Result<Self> {
        let unchanged = Condition::equal("version", self.version)?;
        let project = Self { version: self.version + 1, ..self };
        tx.put(&project, unchanged, Error::Conflict)?;
        Ok(project)
    }

    /// Adds to a change of what lies in the project that there are so many more files, and that it still is
    /// there, whole, and forked as often as when it was read: [`Error::Conflict`] otherwise. Two who change
    /// different things in it don't disturb each other's decisions.
    pub(crate) fn touch(&self, tx: &mut Tx<'_>, now: Timestamp, more_files: i64) -> Result<()> {
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
        tx.update(touched, Error::Conflict)
    }
}

impl Record for Project {
    fn key(&self) -> Key {
        keys::project(&self.id)
    }
}

/// The guard of a project's name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ProjectName {
    client_id: OrganizationId,
    folded: String,
    /// Whose name it is.
    pub(crate) project_id: ProjectId,
}

impl ProjectName {
    /// That the project is called so. Names that differ in case alone are the same.
    pub(crate) fn of(project: &ProjectId, name: &Name) -> Self {
        let (client_id, folded) = (project.client(), name.as_str().to_lowercase());
        Self { client_id, folded, project_id: project.clone() }
    }
}

impl Record for ProjectName {
    fn key(&self) -> Key {
        keys::project_name(&self.client_id, &self.folded)
    }
}
