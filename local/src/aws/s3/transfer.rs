//! Bytes that come in or are copied, and their hashes.

use std::io;

use data_encoding::{BASE64, HEXLOWER};
use futures_util::StreamExt;
use s3s::crypto::{Checksum, Md5, Sha256};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3Result, s3_error};

use super::blob::{Blob, Writer};
use super::objects::{Description, Kept};

pub(super) fn failed(error: io::Error) -> S3Error {
    s3_error!(error, InternalError)
}

/// An object of what comes in; refused where its SHA-256, in base64, isn't the declared one.
pub(super) async fn receive(
    mut body: StreamingBlob,
    mut writer: Writer,
    declared: Option<String>,
) -> S3Result<Kept> {
    let (mut md5, mut sha256, mut size) = (Md5::new(), Sha256::new(), 0);
    while let Some(part) = body.next().await {
        // Also where a signed hash of the body isn't that of the body.
        let part = part.map_err(|error| s3_error!(io::Error::other(error), IncompleteBody))?;
        md5.update(&part);
        sha256.update(&part);
        size += part.len() as u64;
        writer.write(&part).map_err(failed)?;
    }
    let blob = writer.finish().map_err(failed)?;
    let sha256 = BASE64.encode(sha256.finalize().as_ref());
    if declared.as_ref().is_some_and(|declared| *declared != sha256) {
        blob.remove().map_err(failed)?;
        return Err(s3_error!(BadDigest));
    }
    let etag = HEXLOWER.encode(md5.finalize().as_ref());
    let description = Description { size, etag, content_type: None, sha256: declared };
    Ok(Kept { description, blob })
}

/// The bytes once more, and the SHA-256 of the copy in base64. Where hashing takes long, it holds up
/// nobody else.
pub(super) async fn copy(blob: Blob, writer: Writer) -> S3Result<(Blob, String)> {
    let copying = tokio::task::spawn_blocking(move || {
        let mut sha256 = Sha256::new();
        let blob = blob.copy(writer, |part| sha256.update(part))?;
        Ok((blob, BASE64.encode(sha256.finalize().as_ref())))
    });
    copying.await.map_err(io::Error::other).and_then(|copied| copied).map_err(failed)
}
