//! The checkpoint file of a backfill: how far each segment of the scan has come.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::error::ToolError;

/// The position of a segment's scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Position {
    /// The scan has not begun.
    #[default]
    Start,
    /// The scan goes on after the item with this partition key and sort key.
    After(String, String),
    /// The scan has reached the end of the segment.
    End,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Content {
    upgrade: String,
    /// A dry run and one that writes have different checkpoints.
    apply: bool,
    segments: Vec<Position>,
}

/// The checkpoint of a run, with a file if there is one.
pub(super) struct Checkpoint {
    file: Option<PathBuf>,
    content: Mutex<Content>,
}

impl Checkpoint {
    /// Reads the file of an interrupted run, or starts from the beginning if there is none.
    ///
    /// # Errors
    /// `File` if the file cannot be read, or belongs to a run with other options.
    pub(super) fn open(
        file: Option<&Path>,
        upgrade: &str,
        apply: bool,
        segments: usize,
    ) -> Result<Self, ToolError> {
        let fresh = || Content {
            upgrade: upgrade.to_owned(),
            apply,
            segments: vec![Position::Start; segments],
        };
        let content = match file.map(|file| (file, std::fs::read(file))) {
            None => fresh(),
            Some((_, Err(error))) if error.kind() == std::io::ErrorKind::NotFound => fresh(),
            Some((file, Err(error))) => return Err(ToolError::file(file, error)),
            Some((file, Ok(json))) => {
                let content: Content =
                    serde_json::from_slice(&json).map_err(|error| ToolError::file(file, error))?;
                let is_of_this_run = content.upgrade == upgrade
                    && content.apply == apply
                    && content.segments.len() == segments;
                if !is_of_this_run {
                    let why = "of another upgrade, of a run with or without --apply, or of other --segments";
                    return Err(ToolError::file(file, why));
                }
                content
            }
        };
        Ok(Self { file: file.map(Path::to_owned), content: Mutex::new(content) })
    }

    /// Returns the position of a segment.
    pub(super) fn position(&self, segment: usize) -> Position {
        let content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        content.segments.get(segment).cloned().unwrap_or_default()
    }

    /// Stores the position of a segment.
    ///
    /// # Errors
    /// `File` if the file cannot be written.
    pub(super) fn store(&self, segment: usize, position: Position) -> Result<(), ToolError> {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stored) = content.segments.get_mut(segment) {
            *stored = position;
        }
        let Some(file) = &self.file else { return Ok(()) };
        let json = serde_json::to_vec(&*content).map_err(|error| ToolError::file(file, error))?;
        let mut new = file.as_os_str().to_owned();
        new.push(".new");
        // A file that is renamed is never half written.
        std::fs::write(&new, json)
            .and_then(|()| std::fs::rename(&new, file))
            .map_err(|error| ToolError::file(file, error))
    }

    /// Removes the file, once all segments are at their ends. A missing file is not an error.
    ///
    /// # Errors
    /// `File` if the file cannot be removed.
    pub(super) fn remove(&self) -> Result<(), ToolError> {
        let Some(file) = &self.file else { return Ok(()) };
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(ToolError::file(file, error))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}
