//! The bytes of an object.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;

use axum::body::Bytes;
use futures_util::stream;
use local_support::private_files::private_file;
use s3s::dto::StreamingBlob;

/// The number of bytes that are read at once.
const CHUNK_LEN: usize = 256 * 1024;

/// The complete bytes of an object.
#[derive(Clone, Debug)]
pub(super) enum Blob {
    Memory(Bytes),
    File(PathBuf),
}

/// The bytes of an object while they are written.
pub(super) enum Writer {
    Memory(Vec<u8>),
    File(PathBuf, File),
}

impl Blob {
    /// Returns an iterator over the bytes. A file that is removed meanwhile is still read to its end.
    fn parts(&self) -> io::Result<Parts> {
        Ok(match self {
            Self::Memory(bytes) => Parts::Memory(bytes.clone()),
            Self::File(path) => Parts::File(File::open(path)?),
        })
    }

    /// Returns the bytes as the body of an answer.
    pub(super) fn stream(&self) -> io::Result<StreamingBlob> {
        Ok(StreamingBlob::wrap(stream::iter(self.parts()?)))
    }

    /// Copies the bytes, and calls `see` with each part.
    pub(super) fn copy(&self, mut writer: Writer, mut see: impl FnMut(&[u8])) -> io::Result<Self> {
        for part in self.parts()? {
            let part = part?;
            see(&part);
            writer.write(&part)?;
        }
        writer.finish()
    }

    /// Deletes the bytes.
    pub(super) fn remove(self) -> io::Result<()> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::File(path) => fs::remove_file(path),
        }
    }
}

impl Writer {
    pub(super) fn to_file(path: PathBuf) -> io::Result<Self> {
        let file = private_file().truncate(true).open(&path)?;
        Ok(Self::File(path, file))
    }

    pub(super) fn write(&mut self, part: &[u8]) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => bytes.extend_from_slice(part),
            Self::File(_, file) => file.write_all(part)?,
        }
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<Blob> {
        Ok(match self {
            Self::Memory(bytes) => Blob::Memory(bytes.into()),
            Self::File(path, _) => Blob::File(path),
        })
    }
}

/// An iterator over the bytes in chunks.
enum Parts {
    Memory(Bytes),
    File(File),
}

impl Iterator for Parts {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let part = match self {
            Self::Memory(bytes) => Ok(bytes.split_to(CHUNK_LEN.min(bytes.len()))),
            Self::File(file) => {
                let mut part = Vec::new();
                file.take(CHUNK_LEN as u64).read_to_end(&mut part).map(|_| part.into())
            }
        };
        match part {
            Ok(part) if part.is_empty() => None,
            part => Some(part),
        }
    }
}
