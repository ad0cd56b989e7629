//! The objects of the bucket: their metadata is in memory, and also in files if the bucket has a folder.
//!
//! Each version of an object has a file of its own, which the metadata names. So an object is replaced
//! atomically, and a reader of the former version reads it to its end.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use local_support::json_file;
use local_support::private_files::create_private_folder;
use serde::{Deserialize, Serialize};
use shared::blobs::Sha256;
use shared::random::{Random, SystemRandom};

use super::blob::{Blob, BlobWriter};

/// The metadata of an object.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct ObjectMetadata {
    pub(super) size: u64,
    /// The MD5 in hexadecimal, as in S3 with server-side encryption by S3-managed keys.
    pub(super) etag: String,
    pub(super) content_type: Option<String>,
    /// The SHA-256 in base64, if the upload requested it.
    pub(super) sha256: Option<String>,
}

/// An object with its bytes.
#[derive(Clone, Debug)]
pub(super) struct StoredObject {
    pub(super) metadata: ObjectMetadata,
    pub(super) blob: Blob,
}

/// The content of a metadata file.
#[derive(Serialize, Deserialize)]
struct MetadataFile {
    key: String,
    /// The name of the file with the bytes.
    bytes: String,
    #[serde(rename = "description")]
    metadata: ObjectMetadata,
}

/// All objects by key.
pub(super) struct Objects {
    objects: Mutex<BTreeMap<String, StoredObject>>,
    folder: Option<PathBuf>,
}

const METADATA_EXTENSION: &str = "json";

impl Objects {
    /// Opens the objects of a folder, which is created if it does not exist, or no objects in memory without a
    /// folder.
    ///
    /// # Errors
    /// The I/O error if the folder cannot be created or read.
    pub(super) fn open(folder: Option<PathBuf>) -> io::Result<Self> {
        let mut objects = BTreeMap::new();
        if let Some(folder) = &folder {
            create_private_folder(folder)?;
            let mut used = HashSet::new();
            let mut files = Vec::new();
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.extension().is_none_or(|extension| extension != METADATA_EXTENSION) {
                    files.push(path);
                } else if let Some(file) = json_file::read::<MetadataFile>(&path)? {
                    let bytes = folder.join(file.bytes);
                    used.insert(bytes.clone());
                    let object = StoredObject { metadata: file.metadata, blob: Blob::File(bytes) };
                    objects.insert(file.key, object);
                }
            }
            // A process that was killed may have left bytes without metadata.
            for file in files.into_iter().filter(|file| !used.contains(file)) {
                fs::remove_file(file)?;
            }
        }
        Ok(Self { objects: Mutex::new(objects), folder })
    }

    /// Returns a writer for the bytes of a new object.
    pub(super) fn writer(&self) -> io::Result<BlobWriter> {
        let random: &dyn Random = &SystemRandom;
        match &self.folder {
            None => Ok(BlobWriter::Memory(Vec::new())),
            Some(folder) => BlobWriter::to_file(folder.join(random.identifier())),
        }
    }

    /// Stores an object in place of the one with the same key.
    pub(super) fn put(&self, key: &str, object: StoredObject) -> io::Result<()> {
        let mut objects = self.lock_objects();
        if let Some(file) = self.metadata_path(key)
            && let Blob::File(bytes) = &object.blob
        {
            let bytes = bytes.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let metadata = object.metadata.clone();
            json_file::write(&file, &MetadataFile { key: key.to_owned(), bytes, metadata })?;
        }
        match objects.insert(key.to_owned(), object) {
            Some(former) => former.blob.remove(),
            None => Ok(()),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<StoredObject> {
        self.lock_objects().get(key).cloned()
    }

    pub(super) fn remove(&self, key: &str) -> io::Result<()> {
        let mut objects = self.lock_objects();
        let Some(object) = objects.remove(key) else { return Ok(()) };
        if let Some(file) = self.metadata_path(key) {
            fs::remove_file(file)?;
        }
        object.blob.remove()
    }

    /// Returns up to `limit` objects after the key `after` whose keys start with `prefix`, and whether there are
    /// more.
    pub(super) fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> (Vec<(String, ObjectMetadata)>, bool) {
        let objects = self.lock_objects();
        let from = if after < prefix { Bound::Included(prefix) } else { Bound::Excluded(after) };
        let mut found = objects
            .range::<str, _>((from, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, object)| (key.clone(), object.metadata.clone()));
        let page = found.by_ref().take(limit).collect();
        (page, found.next().is_some())
    }

    /// Returns the path of a metadata file. Its name is a hash, because keys contain slashes and may be longer
    /// than file names.
    fn metadata_path(&self, key: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        Some(folder.join(format!("{}.{METADATA_EXTENSION}", Sha256::of(key.as_bytes()))))
    }

    fn lock_objects(&self) -> MutexGuard<'_, BTreeMap<String, StoredObject>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
