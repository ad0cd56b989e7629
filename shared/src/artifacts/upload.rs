//! Uploads a file inside the request.

use tokio::sync::OnceCell;

use super::add_version::{PathState, StoredUpload, put_uploaded};
use super::blob_refs::{add_refs, put_first_ref};
use super::storage_usage::{check_fits, count_new};
use super::store::{Blob, PathVersions, Upload};
use super::{Artifact, ArtifactView, NewFile};
use crate::activity::{Action, Actor, AuditEvent};
use crate::blobs::{BlobKey, BlobStore, Sha256};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::authorize::{AuthorizedScope, authorize_scope};
use crate::requester::Requester;

/// A file that is sent inside the request.
#[derive(Clone, Copy, Debug)]
pub struct InlineUpload<'a> {
    /// Path, kind and media type of the file.
    pub file: &'a NewFile,
    /// Content of the file, decoded.
    pub bytes: &'a [u8],
    /// The request's idempotency key.
    pub idempotency_key: &'a IdempotencyKey,
}

/// Stores a file as the next version of its path. Content that the organization has already is not
/// stored again.
///
/// # Errors
///
/// * [`Error::NotFound`] if the project or organization does not exist.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
/// * [`Error::PlanLimit`] if the content does not fit the storage of the plan.
/// * [`Error::ProjectCopying`] if the project is a fork that is still being copied.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn upload(
    ctx: &Context,
    blobs: &BlobStore,
    caller: &Caller,
    inline: InlineUpload<'_>,
) -> Result<Replayable<ArtifactView>> {
    let sha256 = Sha256::of(inline.bytes);
    let stored = OnceCell::new();
    let call = Call { ctx, blobs, caller, inline, sha256, stored: &stored };
    retry_conflicts(ctx, || call.attempt()).await
}

struct Call<'a> {
    ctx: &'a Context,
    blobs: &'a BlobStore,
    caller: &'a Caller,
    inline: InlineUpload<'a>,
    sha256: Sha256,
    stored: &'a OnceCell<StoredUpload>,
}

impl Call<'_> {
    async fn attempt(&self) -> Attempt<Replayable<ArtifactView>> {
        let (ctx, file) = (self.ctx, self.inline.file);
        let (scope, idempotency_key) = (&file.scope, self.inline.idempotency_key);
        let organization = scope.organization();
        let blob_key = Blob::key_of(&organization, &self.sha256);
        let storage = keys::storage_usage(&organization);
        let extra_keys = [PathVersions::key_of(scope, &file.path), blob_key.clone(), storage];
        let authorized =
            authorize_scope(ctx, self.caller, scope, Right::ManageProjects, &extra_keys);
        let (authorized, done) = tokio::join!(authorized, idempotency_key.replay(ctx));
        let AuthorizedScope { authorized, loaded, found } = authorized?;
        if let Some(done) = done? {
            return Ok(done);
        }
        loaded.require_not_copying()?;
        let before = PathState::read(scope, &file.path, &found)?;
        let blob: Option<Blob> = found.read(&blob_key)?;
        let mut tx = ctx.table.transaction();
        authorized.recheck(&mut tx)?;
        let stored = match &blob {
            Some(blob) => {
                add_refs(&mut tx, &organization, &self.sha256, &blob.object, 1)?;
                StoredUpload { upload: self.as_upload(), object: blob.object.clone() }
            }
            None => {
                let size = self.inline.bytes.len() as u64;
                if let Err(refusal) = check_fits(&authorized.organization, &found, size) {
                    // An earlier copy of this same request may have taken the last free storage.
                    return Ok(idempotency_key.replay_or_refuse(ctx, refusal).await?);
                }
                let stored = self.stored.get_or_try_init(|| self.store_blob()).await?;
                put_first_ref(&mut tx, &organization, &self.sha256, &stored.object, size)?;
                count_new(&mut tx, &authorized.organization, size)?;
                // From this commit on, the version refers to the object, and the upload's row is
                // not needed.
                let not_abandoned = Some(Condition::equal("abandoned", false)?);
                tx.delete(&stored.upload.key(), not_abandoned, AttemptError::Conflict)?;
                stored.clone()
            }
        };
        let artifact = put_uploaded(&mut tx, &before, &loaded, stored, ctx.now())?;
        let view = ArtifactView::from(&artifact);
        idempotency_key.store_response(ctx, &mut tx, &view).await?;
        tx.commit(upload_event(
            ctx,
            &self.caller.requester,
            authorized.principal.actor(),
            &artifact,
        ))
        .await?;
        Ok(Replayable::new(view))
    }

    /// Describes the upload in the same way as a requested one.
    fn as_upload(&self) -> Upload {
        let InlineUpload { file, bytes, .. } = self.inline;
        Upload::new(
            file.scope.generate_artifact_id(&*self.ctx.random, self.ctx.now()),
            file,
            bytes.len() as u64,
            self.sha256,
        )
    }

    /// Stores the content in S3. A row is written first, so that the object is removed after a day
    /// if no version results.
    async fn store_blob(&self) -> Attempt<StoredUpload> {
        let (ctx, InlineUpload { file, bytes, .. }) = (self.ctx, self.inline);
        let object = BlobKey::for_organization(&file.scope.organization(), &*ctx.random);
        let upload = Upload { kept: vec![object.clone()], ..self.as_upload() };
        if !ctx.table.put(&upload, Condition::Absent).await? {
            return Err(Error::internal("a random id exists already").into());
        }
        let content_type = file.content_type.as_str();
        self.blobs.put(&object, bytes.to_vec(), &self.sha256, content_type).await?;
        Ok(StoredUpload { upload, object })
    }
}

/// Creates the event of an upload.
pub(super) fn upload_event(
    ctx: &Context,
    requester: &Requester,
    actor: Actor,
    artifact: &Artifact,
) -> AuditEvent {
    let (organization, action) = (artifact.id.organization(), Action::ArtifactUploaded);
    AuditEvent::for_organization(ctx, requester, &organization, actor, action)
        .with_target(&artifact.id)
        .with_detail("path", &artifact.path)
        .with_detail("version", artifact.version)
}
