//! Where an import continues after an interruption: a file beside the imported one.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::pass::Pass;
use crate::error::ToolError;

/// The file with the progress of an import. Dry runs have none.
pub(super) struct ProgressFile(PathBuf);

/// How far an import has come: all lines of `pass` up to `line` are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ImportProgress {
    /// The pass over the file that the import is in.
    pub(super) pass: Pass,
    /// The number of the last line; 0 for none.
    pub(super) line: u64,
    /// Whether nothing was refused and nothing has failed so far.
    pub(super) is_clean: bool,
    /// The length of the imported file, in bytes.
    pub(super) file_len: u64,
}

impl ProgressFile {
    /// Returns the progress file of an imported file, which stands beside it.
    pub(super) fn of(imported: &Path) -> Self {
        let mut name = imported.as_os_str().to_owned();
        name.push(".progress");
        Self(name.into())
    }

    /// Reads the progress of an interrupted import of a file with `file_len` bytes; `None` if there is none.
    ///
    /// # Errors
    /// `File` if the progress cannot be read, or the imported file has changed since.
    pub(super) fn read(&self, file_len: u64) -> Result<Option<ImportProgress>, ToolError> {
        match std::fs::read(&self.0) {
            Ok(json) => {
                let progress: ImportProgress = serde_json::from_slice(&json)
                    .map_err(|error| ToolError::file(&self.0, error))?;
                if progress.file_len != file_len {
                    let why = "the imported file has changed since the import was interrupted; \
                        delete this file to import all lines again";
                    return Err(ToolError::file(&self.0, why));
                }
                Ok(Some(progress))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ToolError::file(&self.0, error)),
        }
    }

    /// Writes the progress.
    ///
    /// # Errors
    /// `File` if it cannot be written.
    pub(super) fn write(&self, progress: ImportProgress) -> Result<(), ToolError> {
        let mut new = self.0.as_os_str().to_owned();
        new.push(".new");
        let json =
            serde_json::to_vec(&progress).map_err(|error| ToolError::file(&self.0, error))?;
        // A file that is renamed is never half written.
        std::fs::write(&new, json)
            .and_then(|()| std::fs::rename(&new, &self.0))
            .map_err(|error| ToolError::file(&self.0, error))
    }

    /// Removes the file, once the import is done. A missing file is not an error.
    ///
    /// # Errors
    /// `File` if it cannot be removed.
    pub(super) fn remove(&self) -> Result<(), ToolError> {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ToolError::file(&self.0, error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
