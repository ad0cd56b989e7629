//! The objects: their descriptions in memory, and beside their bytes where these are in a folder.
//!
//! An object's bytes have a name of their own, and its description names them; so an object is replaced
//! at once, and whoever reads the former one reads it to its end.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use shared::blobs::Sha256;
use shared::random::{Random, SystemRandom};

use super::blob::{Blob, Writer};
use crate::data;

/// What is known of an object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Description {
    pub(super) size: u64,
    /// The MD5 in hexadecimal, as S3 does where it encrypts with keys of its own.
    pub(super) etag: String,
    pub(super) content_type: Option<String>,
    /// In base64; only of those for which it was asked for.
    pub(super) sha256: Option<String>,
}

/// An object.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) description: Description,
    pub(super) blob: Blob,
}

/// A description in its file.
#[derive(Serialize, Deserialize)]
struct Row {
    key: String,
    /// The file with the bytes.
    bytes: String,
    description: Description,
}

/// All objects, by key.
pub(super) struct Objects {
    kept: Mutex<BTreeMap<String, Kept>>,
    folder: Option<PathBuf>,
}

const DESCRIPTION: &str = "json";

impl Objects {
    /// The objects in a folder, which is made if it isn't there; none, in memory, without one.
    pub(super) fn open(folder: Option<PathBuf>) -> io::Result<Self> {
        let mut kept = BTreeMap::new();
        if let Some(folder) = &folder {
            data::make_private(folder)?;
            let mut used = HashSet::new();
            let mut files = Vec::new();
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_none_or(|extension| extension != DESCRIPTION) {
                    files.push(path);
                } else if let Some(row) = data::read::<Row>(&path)? {
                    let bytes = folder.join(row.bytes);
                    used.insert(bytes.clone());
                    let object = Kept { description: row.description, blob: Blob::File(bytes) };
                    kept.insert(row.key, object);
                }
            }
            // A process that was killed may leave bytes that nothing names.
            for file in files.into_iter().filter(|file| !used.contains(file)) {
                fs::remove_file(file)?;
            }
        }
        Ok(Self { kept: Mutex::new(kept), folder })
    }

    /// Where new bytes go.
    pub(super) fn writer(&self) -> io::Result<Writer> {
        let random: &dyn Random = &SystemRandom;
        match &self.folder {
            None => Ok(Writer::Memory(Vec::new())),
            Some(folder) => Writer::to_file(folder.join(random.identifier())),
        }
    }

    /// Keeps an object in place of what has that key.
    pub(super) fn put(&self, key: &str, object: Kept) -> io::Result<()> {
        let mut kept = self.kept();
        if let Some(file) = self.description_of(key)
            && let Blob::File(bytes) = &object.blob
        {
            let bytes = bytes.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let description = object.description.clone();
            data::write(&file, &Row { key: key.to_owned(), bytes, description })?;
        }
        match kept.insert(key.to_owned(), object) {
            Some(former) => former.blob.remove(),
            None => Ok(()),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<Kept> {
        self.kept().get(key).cloned()
    }

    pub(super) fn remove(&self, key: &str) -> io::Result<()> {
        let mut kept = self.kept();
        let Some(object) = kept.remove(key) else { return Ok(()) };
        if let Some(file) = self.description_of(key) {
            fs::remove_file(file)?;
        }
        object.blob.remove()
    }

    /// Up to `most` objects behind `after` whose keys start with `prefix`, and whether there are more.
    pub(super) fn list(
        &self,
        prefix: &str,
        after: &str,
        most: usize,
    ) -> (Vec<(String, Description)>, bool) {
        let kept = self.kept();
        let from = if after < prefix { Bound::Included(prefix) } else { Bound::Excluded(after) };
        let mut found = kept
            .range::<str, _>((from, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, object)| (key.clone(), object.description.clone()));
        let page = found.by_ref().take(most).collect();
        (page, found.next().is_some())
    }

    /// Keys have slashes and lengths that files don't.
    fn description_of(&self, key: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        Some(folder.join(format!("{}.{DESCRIPTION}", Sha256::of(key.as_bytes()))))
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
