//! The size limit of an artifact.

use crate::error::{Error, Result};

/// Maximum size of an artifact in bytes, 512 MiB. S3 must copy an upload of this size within one step of a job
/// ([`complete_in_background`](super::complete::complete_in_background)). S3's own limit for one upload or copy is 5
/// GB.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
pub const MAX_ARTIFACT_BYTES: u64 = 512 * 1024 * 1024;

/// Checks the size of an artifact, in bytes.
///
/// # Errors
///
/// * [`Error::TooLarge`] if it is above [`MAX_ARTIFACT_BYTES`].
pub(super) fn check_size(bytes: u64) -> Result<()> {
    if bytes > MAX_ARTIFACT_BYTES {
        return Err(Error::TooLarge(usize::try_from(MAX_ARTIFACT_BYTES).unwrap_or(usize::MAX)));
    }
    Ok(())
}
