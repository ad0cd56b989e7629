//! Reads a file line by line, in constant memory.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::line::RefusedLine;
use crate::error::ToolError;

/// The longest line, in bytes.
const MAX_LINE_LEN: u64 = 64 * 1024;

/// A line with its number, which begins at 1.
pub(super) type NumberedLine = (u64, Result<String, RefusedLine>);

/// A reader that returns the lines of a file and counts them.
pub(super) struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    number: u64,
}

impl Lines {
    /// Opens a file.
    ///
    /// # Errors
    /// `File` if it cannot be opened.
    pub(super) fn open(path: &Path) -> Result<Self, ToolError> {
        let file = File::open(path).map_err(|error| ToolError::file(path, error))?;
        Ok(Self { path: path.to_owned(), reader: BufReader::new(file), number: 0 })
    }

    /// Reads the next lines that are not blank: at most `max`, and none at the end of the file.
    ///
    /// # Errors
    /// `File` if the file cannot be read.
    pub(super) fn next_chunk(&mut self, max: usize) -> Result<Vec<NumberedLine>, ToolError> {
        let mut chunk = Vec::new();
        while chunk.len() < max {
            let next = self.next_line().map_err(|error| ToolError::file(&self.path, error))?;
            match next {
                None => break,
                Some((_, Ok(text))) if text.trim().is_empty() => {}
                Some(line) => chunk.push(line),
            }
        }
        Ok(chunk)
    }

    fn next_line(&mut self) -> std::io::Result<Option<NumberedLine>> {
        let mut bytes = Vec::new();
        let limit = MAX_LINE_LEN + 1;
        let length = self.reader.by_ref().take(limit).read_until(b'\n', &mut bytes)?;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        if bytes.last() != Some(&b'\n') && u64::try_from(length).unwrap_or(u64::MAX) == limit {
            self.reader.skip_until(b'\n')?;
            return Ok(Some((self.number, Err(RefusedLine::TooLong))));
        }
        let text = String::from_utf8(bytes).map_err(|_| RefusedLine::TooLong);
        Ok(Some((self.number, text)))
    }
}
