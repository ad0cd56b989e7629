//! The rows of files. A version is stored twice, by its id and by its number, and the latest once more,
//! where it is listed; none of them ever changes but by the path's own row, which says how many versions
//! there were.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Artifact, ContentType, FilePath, Kind, NewFile};
use crate::clock::Timestamp;
use crate::content::{Object, Sha256};
use crate::context::Context;
use crate::dynamo::{Key, Record};
use crate::error::{Error, Result};
use crate::ids::{ArtifactId, OrganizationId};
use crate::keys;
use crate::values::ArtifactScope;

/// How long an upload may take to be completed.
pub(super) const UPLOAD_LIVES: Duration = Duration::from_secs(24 * 60 * 60);

/// A version, by its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ById(pub Artifact);

impl Record for ById {
    fn key(&self) -> Key {
        keys::artifact(&self.0.id)
    }
}

/// A version, by its path and number.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByNumber(pub Artifact);

impl Record for ByNumber {
    fn key(&self) -> Key {
        keys::version(&self.0.shelf(), &self.0.path.hash(), self.0.version)
    }
}

/// The latest version of a file, among those of the whole organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Latest(pub Artifact);

impl Record for Latest {
    fn key(&self) -> Key {
        keys::latest(&self.0.shelf(), self.0.path.as_str())
    }
}

/// The versions of a path. It stays when all of them are deleted: no number is given twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Versions {
    /// Where the file lies.
    pub shelf: ArtifactScope,
    /// Stands for the path.
    pub path: String,
    /// How many there were; the number of the latest that was made.
    pub made: u32,
    /// The number of the latest that there is.
    pub latest: Option<u32>,
    /// Counts every change: whoever adds a version or deletes one makes this part of the condition.
    pub changes: u64,
}

impl Versions {
    /// Of a path that has none.
    pub(crate) fn none(shelf: &ArtifactScope, path: &FilePath) -> Self {
        Self { shelf: shelf.clone(), path: path.hash(), made: 0, latest: None, changes: 0 }
    }

    /// Where those of that path are.
    pub(crate) fn key_of(shelf: &ArtifactScope, path: &FilePath) -> Key {
        keys::path(shelf, &path.hash())
    }
}

impl Record for Versions {
    fn key(&self) -> Key {
        keys::path(&self.shelf, &self.path)
    }
}

/// What some versions of files contain. It is there as long as one does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) client_id: OrganizationId,
    pub(crate) sha256: Sha256,
    /// Where it is.
    pub(crate) object: Object,
    /// How many versions contain it.
    pub(crate) uses: u32,
}

impl Content {
    /// What these versions contain, and how many of them contain it. [`Error::Conflict`] where one
    /// doesn't exist: it was read before the versions were deleted.
    pub(crate) async fn of(ctx: &Context, versions: &[Artifact]) -> Result<Vec<(Self, u32)>> {
        let mut uses: BTreeMap<String, (Key, u32)> = BTreeMap::new();
        for version in versions {
            let key = version.content_key();
            uses.entry(key.sk.clone()).or_insert((key, 0)).1 += 1;
        }
        let wanted: Vec<_> = uses.values().map(|(key, _)| key.clone()).collect();
        let mut found = ctx.table.batch_get(&wanted).await?;
        let stored = |(key, uses): (Key, u32)| {
            let content: Option<Self> = found.take(&key)?;
            Ok((content.ok_or(Error::Conflict)?, uses))
        };
        uses.into_values().map(stored).collect()
    }

    /// Where what has that hash is.
    pub(crate) fn key_of(organization_id: &OrganizationId, sha256: &Sha256) -> Key {
        keys::content(organization_id, &sha256.to_string())
    }
}

impl Record for Content {
    fn key(&self) -> Key {
        Self::key_of(&self.client_id, &self.sha256)
    }
}

/// Says that a version was deleted which a fork has that is being copied: it goes when that is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Leftover {
    pub(crate) shelf: ArtifactScope,
    /// Stands for the path.
    pub(crate) path: String,
    pub(crate) version: u32,
}

impl Record for Leftover {
    fn key(&self) -> Key {
        keys::leftover(&self.shelf, &self.path, self.version)
    }
}

/// Something that is put into S3, or to be put there, for a version that isn't yet. Whatever comes of it,
/// the row knows what to remove.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Upload {
    /// The id of the version that it is to be.
    pub id: ArtifactId,
    /// The file's path.
    pub path: FilePath,
    /// What it is.
    pub kind: Kind,
    /// Its media type.
    pub content_type: ContentType,
    /// In bytes.
    pub size: u64,
    /// Of the content.
    pub sha256: Sha256,
    /// Where the caller puts it; `None` where we do.
    pub upload: Option<Object>,
    /// Where it is kept, or may be, and no version knows: a place for each try to complete it of which
    /// nobody can say how it ended.
    pub kept: Vec<Object>,
    /// How often completing it was tried: whoever decides on what was read makes this part of the
    /// condition.
    #[serde(default)]
    pub tries: u32,
    /// Set when nothing comes of it any more: it is a version, or wasn't what was announced, or too late.
    #[serde(default)]
    pub abandoned: bool,
}

impl Upload {
    /// What is to be that version of the file, of which nothing is anywhere yet.
    pub(super) fn of(id: ArtifactId, file: &NewFile, size: u64, sha256: Sha256) -> Self {
        Self {
            id,
            path: file.path.clone(),
            kind: file.kind,
            content_type: file.content_type.clone(),
            size,
            sha256,
            upload: None,
            kept: Vec::new(),
            tries: 0,
            abandoned: false,
        }
    }

    /// When it is removed, as the id tells it.
    pub(crate) fn due_at(id: &ArtifactId) -> Timestamp {
        id.made_at().plus(UPLOAD_LIVES)
    }

    /// Where that one is.
    pub(crate) fn key_of(id: &ArtifactId) -> Key {
        keys::upload(Self::due_at(id), id)
    }
}

impl Record for Upload {
    fn key(&self) -> Key {
        Self::key_of(&self.id)
    }
}
