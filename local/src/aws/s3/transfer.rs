//! Receives and copies the bytes of objects, and computes their hashes.

use std::io;

use data_encoding::{BASE64, HEXLOWER};
use futures_util::StreamExt;
use s3s::crypto::{Checksum, Md5, Sha256};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3Result, s3_error};

use super::blob::{Blob, BlobWriter};
use super::objects::{ObjectMetadata, StoredObject};

/// Converts an I/O error to an error response of S3.
pub(super) fn internal_error(error: io::Error) -> S3Error {
    s3_error!(error, InternalError)
}

/// Receives an object. Refuses it if its SHA-256 in base64 differs from the declared one.
pub(super) async fn receive(
    mut body: StreamingBlob,
    mut writer: BlobWriter,
    declared: Option<String>,
) -> S3Result<StoredObject> {
    let (mut md5, mut sha256, mut size) = (Md5::new(), Sha256::new(), 0);
    while let Some(part) = body.next().await {
        // The stream also fails if the signed hash of the body does not match the body.
        let part = part.map_err(|error| s3_error!(io::Error::other(error), IncompleteBody))?;
        md5.update(&part);
        sha256.update(&part);
        size += part.len() as u64;
        writer.write(&part).map_err(internal_error)?;
    }
    let blob = writer.finish();
    let sha256 = BASE64.encode(sha256.finalize().as_ref());
    if declared.as_ref().is_some_and(|declared| *declared != sha256) {
        blob.remove().map_err(internal_error)?;
        return Err(s3_error!(BadDigest));
    }
    let etag = HEXLOWER.encode(md5.finalize().as_ref());
    let metadata = ObjectMetadata { size, etag, content_type: None, sha256: declared };
    Ok(StoredObject { metadata, blob })
}

/// Copies the bytes. Returns the copy and its SHA-256 in base64. Runs on a blocking thread, so that hashing
/// does not delay other requests.
pub(super) async fn copy(blob: Blob, writer: BlobWriter) -> S3Result<(Blob, String)> {
    let copying = tokio::task::spawn_blocking(move || {
        let mut sha256 = Sha256::new();
        let blob = blob.copy(writer, |part| sha256.update(part))?;
        Ok((blob, BASE64.encode(sha256.finalize().as_ref())))
    });
    copying.await.map_err(io::Error::other).and_then(|copied| copied).map_err(internal_error)
}
