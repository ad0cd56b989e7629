//! Completes an upload that was sent directly to S3.

use tokio::sync::OnceCell;

use super::ArtifactView;
use super::add_version::{PathState, StoredUpload, put_uploaded};
use super::blob_refs::{add_refs, put_first_ref};
use super::storage_usage::release;
use super::store::{Blob, PathVersions, Upload, VersionById};
use super::upload::upload_event;
use crate::blobs::{BlobKey, BlobStore, DeclaredContent, UploadCheck};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Attempt, AttemptError, Condition, Record, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ArtifactId;
use crate::keys;
use crate::organizations::rights::Right;
use crate::projects::authorize::{AuthorizedScope, authorize_scope};
use crate::values::ArtifactScope;

/// Makes an uploaded file the next version of its path, if its size and SHA-256 are as announced.
/// Otherwise the upload and its id are deleted. Repeated calls return the same version.
///
/// # Errors
///
/// * [`Error::NotFound`] if the id has no pending upload.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
/// * [`Error::ProjectCopying`] if the project is a fork that is still being copied.
/// * [`Error::UploadMissing`] if nothing was uploaded yet.
/// * [`Error::UploadMismatch`] if the size or the SHA-256 is not as announced.
pub async fn complete(
    ctx: &Context,
    blobs: &BlobStore,
    caller: &Caller,
    id: &ArtifactId,
) -> Result<ArtifactView> {
    let verified = OnceCell::new();
    let call = Call { ctx, blobs, caller, id, verified: &verified };
    retry_conflicts(ctx, || call.attempt()).await
}

/// An upload that was verified and copied to its permanent object.
struct VerifiedUpload {
    /// The permanent object in S3.
    object: BlobKey,
    /// The upload's row after this try was recorded.
    upload: Upload,
}

struct Call<'a> {
    ctx: &'a Context,
    blobs: &'a BlobStore,
    caller: &'a Caller,
    id: &'a ArtifactId,
    verified: &'a OnceCell<VerifiedUpload>,
}

impl Call<'_> {
    async fn attempt(&self) -> Attempt<ArtifactView> {
        let (ctx, id, scope) = (self.ctx, self.id, ArtifactScope::of(self.id));
        let (by_id, upload_key) = (keys::version_by_id(id), Upload::key_of(id));
        let extra_keys = [by_id.clone(), upload_key.clone()];
        let AuthorizedScope { authorized, loaded, found } =
            authorize_scope(ctx, self.caller, &scope, Right::ManageProjects, &extra_keys).await?;
        if let Some(VersionById(artifact)) = found.read(&by_id)? {
            return Ok(ArtifactView::from(&artifact));
        }
        let upload: Option<Upload> = found.read(&upload_key)?;
        let Some(upload) = upload.filter(|upload| self.is_waiting(upload)) else {
            // A batch read may see the end of the upload before it sees the resulting version.
            let version: Option<VersionById> = ctx.table.get(&by_id).await?;
            let VersionById(artifact) = version.ok_or(Error::NotFound)?;
            return Ok(ArtifactView::from(&artifact));
        };
        loaded.require_not_copying()?;
        let verified = self.verified.get_or_try_init(|| self.check_upload(&upload)).await?;
        // The first attempt read the row before the try was recorded, and later attempts after it.
        let upload =
            if upload.tries < verified.upload.tries { verified.upload.clone() } else { upload };
        let blob_key = Blob::key_of(&id.organization(), &upload.sha256);
        let wanted = [PathVersions::key_of(&scope, &upload.path), blob_key.clone()];
        let found = ctx.table.batch_get(&wanted).await?;
        let before = PathState::read(&scope, &upload.path, &found)?;
        let blob: Option<Blob> = found.read(&blob_key)?;
        let mut tx = ctx.table.transaction();
        authorized.recheck(&mut tx)?;
        let mut leftover_keys = upload.kept.clone();
        let object = match blob {
            // The organization has this content already, so the copy is not needed.
            Some(blob) => {
                add_refs(&mut tx, &id.organization(), &upload.sha256, &blob.object, 1)?;
                release(&mut tx, &upload)?;
                blob.object
            }
            None => {
                // The storage that the announcement reserved becomes that of the content.
                let (object, size) = (&verified.object, upload.size);
                put_first_ref(&mut tx, &id.organization(), &upload.sha256, object, size)?;
                leftover_keys.retain(|kept| *kept != verified.object);
                verified.object.clone()
            }
        };
        // The row stays for the sweep, which removes what may still arrive through the URL or from
        // a slow try.
        let end = Update::new(upload_key).set("abandoned", true)?;
        let end = end.set("is_reserved", false)?.set("kept", leftover_keys)?;
        tx.update(end.only_if(unchanged(&upload)?), AttemptError::Conflict)?;
        let artifact =
            put_uploaded(&mut tx, &before, &loaded, StoredUpload { upload, object }, ctx.now())?;
        tx.commit(upload_event(
            ctx,
            &self.caller.requester,
            authorized.principal.actor(),
            &artifact,
        ))
        .await?;
        Ok(ArtifactView::from(&artifact))
    }

    /// Returns whether the upload waits for completion. A file that was sent inside a request does not.
    fn is_waiting(&self, upload: &Upload) -> bool {
        let in_time = self.ctx.now() < Upload::due_at(&upload.id);
        in_time && !upload.abandoned && upload.upload.is_some()
    }

    /// Verifies the upload, and copies it to a permanent object if it is as announced. Every try
    /// has its own object, because the upload may be overwritten meanwhile and an abandoned copy
    /// may still finish.
    async fn check_upload(&self, before: &Upload) -> Attempt<VerifiedUpload> {
        let (ctx, Some(from)) = (self.ctx, &before.upload) else {
            return Err(Error::NotFound.into());
        };
        let object = BlobKey::for_organization(&before.id.organization(), &*ctx.random);
        let kept: Vec<_> = before.kept.iter().chain([&object]).collect();
        let recorded = Update::new(before.key()).set("kept", kept)?.add("tries", 1);
        let recorded: Option<Upload> =
            ctx.table.update(recorded.only_if(unchanged(before)?)).await?;
        // Another try was recorded first, or has ended the upload.
        let upload = recorded.ok_or(AttemptError::Conflict)?;
        let (size, sha256) = (upload.size, &upload.sha256);
        let content_type = upload.content_type.as_str();
        let declared = DeclaredContent { size, sha256, content_type };
        let (outcome, ends) = match self.blobs.check_upload(from, &object, declared).await {
            Ok(UploadCheck::Stored) => return Ok(VerifiedUpload { object, upload }),
            Ok(UploadCheck::Missing) => (Error::UploadMissing.into(), false),
            Ok(UploadCheck::Mismatch { sha256: None, .. }) => {
                (Error::UploadMismatch("size").into(), true)
            }
            Ok(UploadCheck::Mismatch { sha256: Some(_), .. }) => {
                (Error::UploadMismatch("SHA-256").into(), true)
            }
            Ok(UploadCheck::Overwritten) => (AttemptError::Conflict, false),
            // The outcome is unknown.
            Err(error) => return Err(error.into()),
        };
        let end = Update::new(upload.key()).set("kept", &before.kept)?.set("abandoned", ends)?;
        ctx.table.update::<Upload>(end.only_if(unchanged(&upload)?)).await?;
        Err(outcome)
    }
}

/// Returns the condition that the upload is unchanged since it was read and not abandoned.
fn unchanged(upload: &Upload) -> Result<Condition> {
    let same_tries = Condition::equal("tries", upload.tries)?;
    Ok(Condition::All(vec![same_tries, Condition::equal("abandoned", false)?]))
}
