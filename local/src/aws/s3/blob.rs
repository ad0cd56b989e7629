//! The bytes of an object.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;

use axum::body::Bytes;
use futures_util::stream;
use local_support::private_files::private_file;
use s3s::dto::StreamingBlob;

/// The maximum length of a chunk in bytes.
const CHUNK_LEN: usize = 256 * 1024;

/// The complete bytes of an object.
#[derive(Clone, Debug)]
pub(super) enum Blob {
    Memory(Bytes),
    File(PathBuf),
}

/// The bytes of an object while they are written.
pub(super) enum BlobWriter {
    Memory(Vec<u8>),
    File(PathBuf, File),
}

impl Blob {
    /// Returns an iterator over the bytes. A file that is removed meanwhile is still read to its end.
    fn chunks(&self) -> io::Result<BlobChunks> {
        Ok(match self {
            Self::Memory(bytes) => BlobChunks::Memory(bytes.clone()),
            Self::File(path) => BlobChunks::File(File::open(path)?),
        })
    }

    /// Returns the bytes as the body of a response.
    pub(super) fn stream(&self) -> io::Result<StreamingBlob> {
        Ok(StreamingBlob::wrap(stream::iter(self.chunks()?)))
    }

    /// Copies the bytes, and calls `inspect` with each chunk.
    pub(super) fn copy(
        &self,
        mut writer: BlobWriter,
        mut inspect: impl FnMut(&[u8]),
    ) -> io::Result<Self> {
        for chunk in self.chunks()? {
            let chunk = chunk?;
            inspect(&chunk);
            writer.write(&chunk)?;
        }
        Ok(writer.finish())
    }

    /// Deletes the bytes.
    pub(super) fn remove(self) -> io::Result<()> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::File(path) => fs::remove_file(path),
        }
    }
}

impl BlobWriter {
    /// Creates a writer for a new file.
    ///
    /// # Errors
    /// The I/O error if the file cannot be created.
    pub(super) fn to_file(path: PathBuf) -> io::Result<Self> {
        let file = private_file().truncate(true).open(&path)?;
        Ok(Self::File(path, file))
    }

    /// Appends bytes to the content.
    ///
    /// # Errors
    /// The I/O error if the file cannot be written.
    pub(super) fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        match self {
            Self::Memory(bytes) => bytes.extend_from_slice(chunk),
            Self::File(_, file) => file.write_all(chunk)?,
        }
        Ok(())
    }

    /// Returns the written bytes.
    pub(super) fn finish(self) -> Blob {
        match self {
            Self::Memory(bytes) => Blob::Memory(bytes.into()),
            Self::File(path, _) => Blob::File(path),
        }
    }
}

/// An iterator over the bytes in chunks.
enum BlobChunks {
    Memory(Bytes),
    File(File),
}

impl Iterator for BlobChunks {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let chunk = match self {
            Self::Memory(bytes) => Ok(bytes.split_to(CHUNK_LEN.min(bytes.len()))),
            Self::File(file) => {
                let mut chunk = Vec::new();
                file.take(CHUNK_LEN as u64).read_to_end(&mut chunk).map(|_| chunk.into())
            }
        };
        match chunk {
            Ok(chunk) if chunk.is_empty() => None,
            chunk => Some(chunk),
        }
    }
}
