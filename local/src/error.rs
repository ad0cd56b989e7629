//! Why a stack didn't start, in words for whoever started it.

use std::error::Error;
use std::io;
use std::path::PathBuf;

/// Why a stack didn't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something else listens on the port.
    #[error("port {0} is taken; choose another one with PORT=<number>")]
    PortTaken(u16),
    /// No port could be listened on.
    #[error("can't listen on 127.0.0.1")]
    Listen(#[source] io::Error),
    /// The template has something that the local stack doesn't do.
    #[error("template.yaml: {0}")]
    Template(String),
    /// Another stack uses the folder.
    #[error(
        "{} is used by another local stack; stop that one, choose another folder with \
         --data <folder>, or keep nothing with --ephemeral",
        .folder.display()
    )]
    FolderInUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder was written by a build that keeps its data otherwise.
    #[error(
        "{} holds data of layout {found}, and this build knows layout {known}; delete the folder to \
         start afresh, or choose another one with --data <folder>",
        .folder.display()
    )]
    OtherLayout {
        /// The folder.
        folder: PathBuf,
        /// The layout that it has.
        found: String,
        /// The layout that this build knows.
        known: u32,
    },
    /// The folder holds something that no local stack wrote.
    #[error(
        "{} is not empty and not a local stack's; choose another folder with --data <folder>",
        .folder.display()
    )]
    NotOurs {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder can't be used.
    #[error("{}", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is kept in the folder can't be read or written.
    #[error("the kept data")]
    Data(#[source] io::Error),
    /// The kept table has other keys or indexes than the template's.
    #[error(
        "the table in the data folder has other keys or indexes than template.yaml says; delete the \
         folder to start afresh, or choose another one with --data <folder>"
    )]
    OtherTable,
    /// What plays AWS didn't do what it was asked.
    #[error("the embedded AWS services")]
    Aws(#[source] Box<dyn Error + Send + Sync>),
}

impl StartError {
    pub(crate) fn aws(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Aws(cause.into())
    }
}
