//! What a stack keeps between starts: a folder, which one process uses at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StartError;

/// The number of the layout that this build reads and writes. Whoever changes what is in the folder
/// so that an older one no longer works counts it up.
const LAYOUT: u32 = 1;

const VERSION: &str = "VERSION";
const LOCK: &str = "lock";

/// A folder in use; let go when dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    // The lock holds as long as the file is open.
    _lock: File,
}

impl Folder {
    /// Makes the folder, or takes one that was made by this layout and that nobody else uses.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |source| StartError::Folder { folder: path.to_owned(), source };
        // A folder of something else is left alone, down to the lock.
        let version = version(path).map_err(failed)?;
        match version {
            Version::None | Version::This => {}
            Version::Other(found) => {
                return Err(StartError::OtherLayout {
                    folder: path.to_owned(),
                    found,
                    known: LAYOUT,
                });
            }
            Version::NotOurs => {
                return Err(StartError::NotOurs { folder: path.to_owned() });
            }
        }
        make_private(path).map_err(failed)?;
        let lock = private().truncate(false).open(path.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StartError::FolderInUse { folder: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        if let Version::None = version {
            fs::write(path.join(VERSION), format!("{LAYOUT}\n")).map_err(failed)?;
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The table and its stream.
    pub(crate) fn table(&self) -> PathBuf {
        self.path.join("table.sqlite")
    }

    /// What Secrets Manager holds.
    pub(crate) fn secret(&self) -> PathBuf {
        self.path.join("secret.json")
    }

    /// The contents of artifacts, and what is known of each.
    pub(crate) fn content(&self) -> PathBuf {
        self.path.join("content")
    }

    /// How far the clock is ahead.
    pub(crate) fn clock(&self) -> PathBuf {
        self.path.join("clock.json")
    }

    /// The accounts at Google.
    pub(crate) fn google(&self) -> PathBuf {
        self.path.join("google.json")
    }

    /// What Stripe holds.
    pub(crate) fn stripe(&self) -> PathBuf {
        self.path.join("stripe.json")
    }

    /// The mails that were sent, one JSON to a line.
    pub(crate) fn mail(&self) -> PathBuf {
        self.path.join("mail.jsonl")
    }
}

enum Version {
    /// Nothing is there yet.
    None,
    This,
    Other(String),
    /// Something is there, and nothing says that it is ours.
    NotOurs,
}

fn version(path: &Path) -> io::Result<Version> {
    match fs::read_to_string(path.join(VERSION)) {
        Ok(text) if text.trim() == LAYOUT.to_string() => return Ok(Version::This),
        Ok(text) => return Ok(Version::Other(text.trim().chars().take(20).collect())),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Version::None),
        Err(error) => return Err(error),
    };
    for entry in entries {
        // A process that was stopped right after making the folder leaves a lock and no version.
        if entry?.file_name() != LOCK {
            return Ok(Version::NotOurs);
        }
    }
    Ok(Version::None)
}

/// Reads a file of JSON; `None` where there is no file.
pub(crate) fn read<T: DeserializeOwned>(file: &Path) -> io::Result<Option<T>> {
    match fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            io::Error::new(ErrorKind::InvalidData, format!("{}: {error}", file.display()))
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a file of JSON, whole or not at all.
pub(crate) fn write(file: &Path, value: &impl Serialize) -> io::Result<()> {
    let next = file.with_extension("new");
    let mut open = private().truncate(true).open(&next)?;
    serde_json::to_writer(&mut open, value)?;
    open.write_all(b"\n")?;
    fs::rename(next, file)
}

/// Makes a folder, if it isn't there, for its owner alone: it holds keys and codes.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

/// How files here are opened: made for their owner alone, whatever the folder allows.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path where nothing is, removed at the end.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("local-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_folder_is_one_process_s_at_a_time() {
        let place = Place::new("lock");
        let first = Folder::open(&place.0).unwrap();
        assert!(matches!(Folder::open(&place.0), Err(StartError::FolderInUse { .. })));
        drop(first);
        Folder::open(&place.0).unwrap();
    }

    #[test]
    fn another_layout_is_refused() {
        let place = Place::new("layout");
        drop(Folder::open(&place.0).unwrap());
        fs::write(place.0.join(VERSION), "999\n").unwrap();
        let error = Folder::open(&place.0).unwrap_err();
        assert!(matches!(&error, StartError::OtherLayout { found, .. } if found == "999"));
    }

    #[test]
    fn a_folder_of_something_else_is_left_alone() {
        let place = Place::new("other");
        fs::create_dir_all(&place.0).unwrap();
        fs::write(place.0.join("thesis.txt"), "x").unwrap();
        assert!(matches!(Folder::open(&place.0), Err(StartError::NotOurs { .. })));
        assert_eq!(fs::read_dir(&place.0).unwrap().count(), 1);
    }
}
