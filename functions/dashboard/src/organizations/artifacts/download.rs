//! `GET /account/organizations/{client_id}/artifacts/{artifact_id}/download`: leads to the content of a file.

use axum::Extension;
use axum::extract::State;
use shared::artifacts::read::read;
use shared::blobs::BlobStore;
use shared::context::Context;

use super::ArtifactPath;
use crate::pages::{PageResult, Visitor, redirects};

/// Redirects to the signed URL of the content, which serves an attachment.
pub(crate) async fn download(
    State(ctx): State<Context>,
    Extension(blobs): Extension<BlobStore>,
    paths: ArtifactPath,
    visitor: Visitor,
) -> PageResult {
    let download = read(&ctx, &blobs, &visitor.caller, &paths.artifact).await?;
    Ok(redirects::see_other(&download.download_url))
}
