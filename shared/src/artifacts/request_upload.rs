//! Requests an upload link for a file that is too large for a request.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::NewFile;
use super::size_limit::check_size;
use super::storage_usage::{check_fits, count_new};
use super::store::Upload;
use crate::activity::Log;
use crate::blobs::{BlobKey, BlobStore, Sha256, UPLOAD_URL_TTL};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::Result;
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::authorize::{AuthorizedScope, authorize_scope};
use crate::throttle::Throttle;

/// Limits the uploads that are requested in one organization to a thousand an hour. The number is our own
/// choice: an upload that is never completed is kept for a day.
pub const UPLOAD_THROTTLE: Throttle =
    Throttle { operation: "request-upload", limit: 1_000, window: Duration::from_secs(60 * 60) };

/// The request for a link to upload a file.
#[derive(Clone, Copy, Debug)]
pub struct UploadRequest<'a> {
    /// Path, kind and media type of the file.
    pub file: &'a NewFile,
    /// The size of the content in bytes.
    pub size: u64,
    /// The SHA-256 of the content.
    pub sha256: &'a Sha256,
    /// The request's idempotency key.
    pub idempotency_key: &'a IdempotencyKey,
}

/// A link for uploading a file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PendingUpload)]
pub struct PendingUpload {
    /// The id of the future version. It exists once `POST /v1/artifacts/{id}/complete` is called,
    /// which must happen within a day.
    #[schema(example = "art_c4p32s1k6h0ifjqnaemkg0d5ntv8h9l2bq3s7r6e1mfo0u4tgc5p2j3k8d")]
    pub id: String,
    /// The URL to `PUT` the content to. It accepts exactly the declared size, and needs no special
    /// headers. The last upload counts.
    pub upload_url: String,
    /// When the URL expires, 60 minutes after the request. A repeated request returns the same URL.
    pub expires_at: Timestamp,
}

/// Creates an upload link. The file becomes a version when the upload is completed
/// ([`super::complete`]).
///
/// # Errors
///
/// * `Error::NotFound` if the project or organization does not exist.
/// * `Error::NoAccess` if the caller may not work in the organization.
/// * `Error::ProjectCopying` if the project is a fork that is still being copied.
/// * `Error::TooLarge` if the size is above [`MAX_ARTIFACT_BYTES`](super::MAX_ARTIFACT_BYTES).
/// * `Error::PlanLimit` if the content would not fit the storage of the plan.
/// * `Error::RateLimited` if the organization has requested too many uploads.
/// * `Error::IdempotencyConflict` if the idempotency key was used for another request.
pub async fn request_upload(
    ctx: &Context,
    blobs: &BlobStore,
    caller: &Caller,
    request: UploadRequest<'_>,
) -> Result<Replayable<PendingUpload>> {
    let attempt = || attempt(ctx, blobs, caller, request);
    retry_conflicts(ctx, attempt).await
}

async fn attempt(
    ctx: &Context,
    blobs: &BlobStore,
    caller: &Caller,
    request: UploadRequest<'_>,
) -> Attempt<Replayable<PendingUpload>> {
    let UploadRequest { file, size, sha256, idempotency_key } = request;
    let scope = &file.scope;
    let storage = [keys::storage_usage(&scope.organization())];
    let authorized = authorize_scope(ctx, caller, scope, Right::ManageProjects, &storage);
    let (authorized, done) = tokio::join!(authorized, idempotency_key.replay(ctx));
    let AuthorizedScope { authorized, loaded, found } = authorized?;
    if let Some(done) = done? {
        return Ok(done);
    }
    loaded.require_not_copying()?;
    check_size(size)?;
    if let Err(refusal) = check_fits(&authorized.organization, &found, size) {
        // An earlier copy of this same request may have taken the last free storage.
        return Ok(idempotency_key.replay_or_refuse(ctx, refusal).await?);
    }
    let to = BlobKey::for_upload(&*ctx.random);
    let upload =
        Upload::new(scope.generate_artifact_id(&*ctx.random, ctx.now()), file, size, *sha256);
    let upload = Upload { upload: Some(to.clone()), is_reserved: true, ..upload };
    let pending = PendingUpload {
        id: upload.id.to_string(),
        upload_url: blobs.upload_url(&to, size, UPLOAD_URL_TTL).await?,
        expires_at: ctx.now().plus(UPLOAD_URL_TTL),
    };
    let mut tx = ctx.table.transaction();
    authorized.recheck(&mut tx)?;
    tx.put_new(&upload)?;
    count_new(&mut tx, &authorized.organization, size)?;
    UPLOAD_THROTTLE.count_in_transaction(ctx, &mut tx, file.scope.organization().as_str()).await?;
    idempotency_key.store_response(ctx, &mut tx, &pending).await?;
    tx.commit(Log::Nothing("the completion of the upload is logged")).await?;
    Ok(Replayable::new(pending))
}
