//! Where an import continues after an interruption: a file beside the imported one.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Pass;
use crate::error::ToolError;

/// The progress of an import that writes.
pub(super) struct ProgressFile(PathBuf);

/// All lines up to this one are done in this pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// The pass.
    pub(super) pass: Pass,
    /// The number of the last line; 0 for none.
    pub(super) line: u64,
}

impl ProgressFile {
    /// Names the file beside the imported one.
    pub(super) fn of(imported: &Path) -> Self {
        let mut name = imported.as_os_str().to_owned();
        name.push(".progress");
        Self(name.into())
    }

    /// Reads the progress of an interrupted import; `None` if there is none.
    pub(super) fn read(&self) -> Result<Option<Progress>, ToolError> {
        match std::fs::read(&self.0) {
            Ok(json) => {
                let progress = serde_json::from_slice(&json);
                progress.map(Some).map_err(|error| ToolError::file(&self.0, error))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ToolError::file(&self.0, error)),
        }
    }

    /// Writes the progress.
    pub(super) fn write(&self, progress: Progress) -> Result<(), ToolError> {
        let mut new = self.0.as_os_str().to_owned();
        new.push(".new");
        let json =
            serde_json::to_vec(&progress).map_err(|error| ToolError::file(&self.0, error))?;
        // A file that is renamed is never half written.
        std::fs::write(&new, json)
            .and_then(|()| std::fs::rename(&new, &self.0))
            .map_err(|error| ToolError::file(&self.0, error))
    }

    /// Removes the file, once the import is done.
    pub(super) fn remove(&self) -> Result<(), ToolError> {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ToolError::file(&self.0, error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
