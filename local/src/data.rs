//! The data folder that a stack keeps between starts. One process uses it at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use local_support::private_files::{create_private_folder, private_file};

use crate::StartError;

/// The version of the folder's layout. Increment it with each change that makes older folders unreadable.
const LAYOUT_VERSION: u32 = 2;

/// The file with the version of the layout.
const VERSION_FILE: &str = "VERSION";
/// The file that the process which uses the folder locks.
const LOCK_FILE: &str = "lock";

/// A data folder in use. Dropping it releases the lock.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    // Closing the file releases the lock.
    _lock: File,
}

impl DataFolder {
    /// Creates the folder, or opens an existing one of this layout.
    ///
    /// # Errors
    /// [`StartError::FolderInUse`] if another process uses the folder, [`StartError::OtherLayout`] or
    /// [`StartError::ForeignFolder`] if its content is not of this layout, [`StartError::Folder`] if it cannot be
    /// created or read.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |source| StartError::Folder { folder: path.to_owned(), source };
        // Not even a lock file is created in a folder that does not belong to a stack.
        let layout = find_layout(path).map_err(failed)?;
        match layout {
            Layout::Empty | Layout::Current => {}
            Layout::Other(found) => {
                return Err(StartError::OtherLayout {
                    folder: path.to_owned(),
                    found,
                    known: LAYOUT_VERSION,
                });
            }
            Layout::Foreign => {
                return Err(StartError::ForeignFolder { folder: path.to_owned() });
            }
        }
        create_private_folder(path).map_err(failed)?;
        let lock = private_file().truncate(false).open(path.join(LOCK_FILE)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StartError::FolderInUse { folder: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        if let Layout::Empty = layout {
            fs::write(path.join(VERSION_FILE), format!("{LAYOUT_VERSION}\n")).map_err(failed)?;
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Returns the path of the table and its stream.
    pub(crate) fn table_file(&self) -> PathBuf {
        self.path.join("table.sqlite")
    }

    /// Returns the path of the secrets.
    pub(crate) fn secrets_file(&self) -> PathBuf {
        self.path.join("secrets.json")
    }

    /// Returns the path of the folder with the objects of S3.
    pub(crate) fn objects_folder(&self) -> PathBuf {
        self.path.join("content")
    }

    /// Returns the path of the clock's offset.
    pub(crate) fn clock_file(&self) -> PathBuf {
        self.path.join("clock.json")
    }

    /// Returns the path of the accounts at the simulated Google.
    pub(crate) fn google_file(&self) -> PathBuf {
        self.path.join("google.json")
    }

    /// Returns the path of the objects of the simulated Stripe.
    pub(crate) fn stripe_file(&self) -> PathBuf {
        self.path.join("stripe.json")
    }

    /// Returns the path of the delivered mail, one JSON object per line.
    pub(crate) fn mail_file(&self) -> PathBuf {
        self.path.join("mail.jsonl")
    }
}

/// The layout of a folder.
enum Layout {
    /// The folder is empty or does not exist.
    Empty,
    /// The layout of this build.
    Current,
    /// The layout of another build, with its version.
    Other(String),
    /// The folder belongs to another program.
    Foreign,
}

fn find_layout(path: &Path) -> io::Result<Layout> {
    match fs::read_to_string(path.join(VERSION_FILE)) {
        Ok(text) if text.trim() == LAYOUT_VERSION.to_string() => return Ok(Layout::Current),
        Ok(text) => return Ok(Layout::Other(text.trim().chars().take(20).collect())),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Layout::Empty),
        Err(error) => return Err(error),
    };
    for entry in entries {
        // A process that was killed right after it created the folder leaves a lock file and no version.
        if entry?.file_name() != LOCK_FILE {
            return Ok(Layout::Foreign);
        }
    }
    Ok(Layout::Empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path in the temporary folder, deleted when dropped.
    struct TemporaryPath(PathBuf);

    impl TemporaryPath {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("local-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }
    }

    impl Drop for TemporaryPath {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn one_process_uses_a_folder_at_a_time() {
        let folder = TemporaryPath::new("lock");
        let first = DataFolder::open(&folder.0).unwrap();
        assert!(matches!(DataFolder::open(&folder.0), Err(StartError::FolderInUse { .. })));
        drop(first);
        DataFolder::open(&folder.0).unwrap();
    }

    #[test]
    fn another_layout_is_refused() {
        let folder = TemporaryPath::new("layout");
        drop(DataFolder::open(&folder.0).unwrap());
        fs::write(folder.0.join(VERSION_FILE), "999\n").unwrap();
        let error = DataFolder::open(&folder.0).unwrap_err();
        assert!(matches!(&error, StartError::OtherLayout { found, .. } if found == "999"));
    }

    #[test]
    fn a_folder_of_another_program_is_not_changed() {
        let folder = TemporaryPath::new("other");
        fs::create_dir_all(&folder.0).unwrap();
        fs::write(folder.0.join("thesis.txt"), "x").unwrap();
        assert!(matches!(DataFolder::open(&folder.0), Err(StartError::ForeignFolder { .. })));
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    }
}
