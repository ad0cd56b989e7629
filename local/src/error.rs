//! Errors that prevent a stack from starting.

use std::error::Error;
use std::io;
use std::path::PathBuf;

/// A reason why a stack does not start. The message says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process listens on the port.
    #[error("port {0} is taken; choose another one with PORT=<number>")]
    PortTaken(u16),
    /// Listening on 127.0.0.1 failed.
    #[error("cannot listen on 127.0.0.1")]
    Listen(#[source] io::Error),
    /// The template has something that the local stack does not support.
    #[error("template.yaml: {0}")]
    Template(String),
    /// Another stack uses the folder.
    #[error(
        "{} is in use by another local stack; stop it, choose another folder with --data <folder>, \
         or keep no data with --ephemeral",
        .folder.display()
    )]
    FolderInUse {
        /// The data folder, from `--data` or the default.
        folder: PathBuf,
    },
    /// The folder was written by a build with another layout.
    #[error(
        "{} has layout {found}, but this build needs layout {known}; delete the folder to start with \
         no data, or choose another one with --data <folder>",
        .folder.display()
    )]
    OtherLayout {
        /// The data folder, from `--data` or the default.
        folder: PathBuf,
        /// The layout of the folder.
        found: String,
        /// The layout of this build.
        known: u32,
    },
    /// The folder belongs to another program.
    #[error(
        "{} is not empty and was not created by a local stack; choose another folder with \
         --data <folder>",
        .folder.display()
    )]
    ForeignFolder {
        /// The data folder, from `--data` or the default.
        folder: PathBuf,
    },
    /// The folder cannot be created or read.
    #[error("cannot use {}", .folder.display())]
    Folder {
        /// The data folder, from `--data` or the default.
        folder: PathBuf,
        /// What the operating system reported.
        source: io::Error,
    },
    /// A file in the data folder cannot be read or written.
    #[error("cannot read or write the data folder")]
    Data(#[source] io::Error),
    /// The table in the data folder has other keys or indexes than the template.
    #[error(
        "the table in the data folder has other keys or indexes than template.yaml; delete the folder \
         to start with no data, or choose another one with --data <folder>"
    )]
    OtherTable,
    /// An AWS service or a client of an external service failed.
    #[error("an AWS service failed")]
    Aws(#[source] Box<dyn Error + Send + Sync>),
}

impl StartError {
    /// Returns the error for a failed call of an AWS service.
    pub(crate) fn aws(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Aws(cause.into())
    }
}
