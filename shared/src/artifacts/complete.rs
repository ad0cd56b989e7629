//! Completes an upload that was sent directly to S3.

use serde::Serialize;
use tokio::sync::OnceCell;
use utoipa::ToSchema;

use super::add_version::{PathState, StoredUpload, put_uploaded};
use super::blob_refs::{add_refs, put_first_ref};
use super::storage_usage::release;
use super::store::{Blob, Mismatch, PathVersions, Upload, VersionById};
use super::upload_authority::Authority;
use super::{Artifact, ArtifactView};
use crate::activity::{Actor, Log};
use crate::blobs::{BlobKey, BlobStore, DeclaredContent, UploadCheck};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{
    Attempt, AttemptError, BatchResult, Condition, Key, Record, Update, retry_conflicts,
};
use crate::error::{Error, Result};
use crate::ids::ArtifactId;
use crate::jobs::{Job, JobRecord};
use crate::keys;
use crate::organizations::Organization;
use crate::organizations::authorize::Authorized;
use crate::organizations::rights::Right;
use crate::projects::Project;
use crate::projects::authorize::{AuthorizedScope, LoadedScope, authorize_scope};
use crate::requester::Requester;
use crate::values::ArtifactScope;

/// The largest upload that a request completes itself, in bytes. S3 copies and hashes a larger one for longer than a
/// request may take, so the worker completes it.
pub const MAX_BYTES_IN_REQUEST: u64 = 100 * 1024 * 1024;

/// The result of a call that completes an upload.
#[derive(Clone, Debug)]
pub enum Completion {
    /// The upload is complete, and this is its version.
    Done(ArtifactView),
    /// The worker is completing the upload.
    Running(RunningCompletion),
}

/// An upload that the worker is completing.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CompletingUpload)]
pub struct RunningCompletion {
    /// The id of the future version.
    #[schema(example = "art_c4p32s1k6h0ifjqnaemkg0d5ntv8h9l2bq3s7r6e1mfo0u4tgc5p2j3k8d")]
    pub id: String,
    /// Always `completing`. Call again in a few seconds.
    #[schema(example = "completing")]
    pub status: &'static str,
}

/// Makes an uploaded file the next version of its path, if its size and SHA-256 are as declared.
/// Otherwise the upload and its id are deleted. Repeated calls return the same version.
///
/// The worker completes an upload of more than [`MAX_BYTES_IN_REQUEST`]. Calls meanwhile return
/// [`Completion::Running`].
///
/// # Errors
///
/// * [`Error::NotFound`] if the id has no pending upload.
/// * [`Error::NoAccess`] if the caller may not work in the organization.
/// * [`Error::ProjectCopying`] if the project is a fork that is still being copied.
/// * [`Error::UploadMissing`] if nothing was uploaded yet.
/// * [`Error::UploadMismatch`] if the size or the SHA-256 is not as declared.
pub async fn complete(
    ctx: &Context,
    blobs: &BlobStore,
    caller: &Caller,
    id: &ArtifactId,
) -> Result<Completion> {
    let verified = OnceCell::new();
    let call = Call { ctx, blobs, id, verified: &verified };
    retry_conflicts(ctx, || call.attempt(caller)).await
}

/// Completes a large upload, in a step of the job that [`complete`] has enqueued. If the upload is not as declared,
/// the next call of [`complete`] says so. The call is idempotent.
///
/// # Errors
///
/// * [`Error::Unavailable`] if the table or S3 cannot be reached.
pub async fn complete_in_background(
    ctx: &Context,
    blobs: &BlobStore,
    id: &ArtifactId,
    actor: &Actor,
    requester: &Requester,
) -> Result<()> {
    let verified = OnceCell::new();
    let call = Call { ctx, blobs, id, verified: &verified };
    match retry_conflicts(ctx, || call.attempt_in_background(actor, requester)).await {
        // The caller learns these from the next call. A job could do no more.
        Ok(())
        | Err(
            Error::NotFound
            | Error::OrganizationSuspended
            | Error::ProjectCopying
            | Error::UploadMissing
            | Error::UploadMismatch(_),
        ) => Ok(()),
        Err(error) => Err(error),
    }
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
    id: &'a ArtifactId,
    verified: &'a OnceCell<VerifiedUpload>,
}

/// The state of an upload.
enum UploadState {
    /// The upload became this version.
    Completed(Box<Artifact>),
    /// The upload waits for its completion.
    Waiting(Box<Upload>),
}

impl Call<'_> {
    async fn attempt(&self, caller: &Caller) -> Attempt<Completion> {
        let (ctx, id) = (self.ctx, self.id);
        let job_key = keys::job(&self.job_name());
        let [by_id, upload_key] = self.keys();
        let extra_keys = [by_id, upload_key, job_key.clone()];
        let (scope, right) = (ArtifactScope::of(id), Right::ManageProjects);
        let AuthorizedScope { authorized, loaded, found } =
            authorize_scope(ctx, caller, &scope, right, &extra_keys).await?;
        let upload = match self.read_upload(&found).await? {
            UploadState::Completed(artifact) => {
                return Ok(Completion::Done(ArtifactView::from(&*artifact)));
            }
            UploadState::Waiting(upload) => *upload,
        };
        loaded.require_not_copying()?;
        if upload.size > MAX_BYTES_IN_REQUEST {
            if found.read::<JobRecord>(&job_key)?.is_none() {
                self.enqueue(caller, &authorized, &upload).await?;
            }
            let id = id.to_string();
            return Ok(Completion::Running(RunningCompletion { id, status: "completing" }));
        }
        let authority = Authority::Caller(caller, &authorized);
        let artifact = self.add_version(&authority, &loaded, upload).await?;
        Ok(Completion::Done(ArtifactView::from(&artifact)))
    }

    async fn attempt_in_background(&self, actor: &Actor, requester: &Requester) -> Attempt<()> {
        let scope = ArtifactScope::of(self.id);
        let organization_key = keys::organization(&scope.organization());
        let project_key = match &scope {
            ArtifactScope::Project(project) => Some(keys::project(project)),
            ArtifactScope::Organization(_) => None,
        };
        let wanted: Vec<_> = self.keys().into_iter().chain([organization_key.clone()]).collect();
        let wanted: Vec<_> = wanted.into_iter().chain(project_key.clone()).collect();
        let found = self.ctx.table.batch_get(&wanted).await?;
        let organization: Option<Organization> = found.read(&organization_key)?;
        let organization = organization.filter(Organization::exists).ok_or(Error::NotFound)?;
        organization.require_not_suspended()?;
        let loaded = match project_key {
            Some(key) => {
                let project: Option<Project> = found.read(&key)?;
                let project = project.filter(Project::exists).ok_or(Error::NotFound)?;
                LoadedScope::Project(Box::new(project))
            }
            None => LoadedScope::Organization(Box::new(organization.clone())),
        };
        let UploadState::Waiting(upload) = self.read_upload(&found).await? else { return Ok(()) };
        loaded.require_not_copying()?;
        let authority = Authority::Job { organization: &organization, actor, requester };
        self.add_version(&authority, &loaded, *upload).await.map(|_| ())
    }

    fn keys(&self) -> [Key; 2] {
        [keys::version_by_id(self.id), Upload::key_of(self.id)]
    }

    fn job_name(&self) -> String {
        Job::complete_upload_name(self.id)
    }

    /// Returns the upload, or the version that it became.
    async fn read_upload(&self, found: &BatchResult) -> Result<UploadState> {
        let [by_id, upload_key] = self.keys();
        let completed = |version: VersionById| UploadState::Completed(Box::new(version.0));
        if let Some(version) = found.read(&by_id)? {
            return Ok(completed(version));
        }
        let upload: Option<Upload> = found.read(&upload_key)?;
        if let Some(mismatch) = upload.as_ref().and_then(|upload| upload.mismatch) {
            return Err(Error::UploadMismatch(mismatch.name()));
        }
        if let Some(upload) = upload.filter(|upload| self.is_waiting(upload)) {
            return Ok(UploadState::Waiting(Box::new(upload)));
        }
        // A batch read may see the end of the upload before it sees the resulting version.
        let version: Option<VersionById> = self.ctx.table.get(&by_id).await?;
        version.map(completed).ok_or(Error::NotFound)
    }

    /// Enqueues the job that completes the upload, if the file was uploaded.
    async fn enqueue(
        &self,
        caller: &Caller,
        authorized: &Authorized,
        upload: &Upload,
    ) -> Attempt<()> {
        let from = upload.upload.as_ref().ok_or(Error::NotFound)?;
        if !self.blobs.exists(from).await? {
            return Err(Error::UploadMissing.into());
        }
        let job = Job::CompleteUpload {
            artifact_id: self.id.clone(),
            actor: authorized.principal.actor(),
            requester: caller.requester.clone(),
        };
        let mut tx = self.ctx.table.transaction();
        authorized.recheck(&mut tx)?;
        job.enqueue(&mut tx)?;
        tx.commit(Log::Nothing("the job logs the version")).await
    }

    /// Verifies the upload and makes it the next version of its path.
    async fn add_version(
        &self,
        authority: &Authority<'_>,
        loaded: &LoadedScope,
        upload: Upload,
    ) -> Attempt<Artifact> {
        let (ctx, id, scope) = (self.ctx, self.id, ArtifactScope::of(self.id));
        let verified =
            self.verified.get_or_try_init(|| self.check_upload(&upload, authority)).await?;
        // The first attempt read the row before the try was recorded, and later attempts after it.
        let upload =
            if upload.tries < verified.upload.tries { verified.upload.clone() } else { upload };
        let blob_key = Blob::key_of(&id.organization(), &upload.sha256);
        let wanted = [PathVersions::key_of(&scope, &upload.path), blob_key.clone()];
        let found = ctx.table.batch_get(&wanted).await?;
        let before = PathState::read(&scope, &upload.path, &found)?;
        let blob: Option<Blob> = found.read(&blob_key)?;
        let mut tx = ctx.table.transaction();
        authority.recheck(&mut tx, loaded)?;
        let mut unused_objects = upload.kept.clone();
        let object = match blob {
            // The organization has this content already, so the copy is not needed.
            Some(blob) => {
                add_refs(&mut tx, &id.organization(), &upload.sha256, &blob.object, 1)?;
                release(&mut tx, &upload)?;
                blob.object
            }
            None => {
                // The storage that the request reserved becomes that of the content.
                let (object, size) = (&verified.object, upload.size);
                put_first_ref(&mut tx, &id.organization(), &upload.sha256, object, size)?;
                unused_objects.retain(|kept| *kept != verified.object);
                verified.object.clone()
            }
        };
        // The row stays for the sweep, which removes what may still arrive through the URL or from
        // a slow try.
        let end = Update::new(Upload::key_of(id)).set("abandoned", true)?;
        let end = end.set("is_reserved", false)?.set("kept", unused_objects)?;
        tx.update(end.only_if(unchanged(&upload)?), AttemptError::Conflict)?;
        let stored = StoredUpload { upload, object };
        let artifact = put_uploaded(&mut tx, &before, loaded, stored, ctx.now())?;
        tx.commit(authority.event(ctx, &artifact)).await?;
        Ok(artifact)
    }

    /// Returns whether the upload waits for completion. A file that was sent inside a request does not.
    fn is_waiting(&self, upload: &Upload) -> bool {
        let in_time = self.ctx.now() < Upload::due_at(&upload.id);
        in_time && !upload.abandoned && upload.upload.is_some()
    }

    /// Verifies the upload, and copies it to a permanent object if it is as declared. Every try
    /// has its own object, because the upload may be overwritten meanwhile and an abandoned copy
    /// may still finish.
    async fn check_upload(
        &self,
        before: &Upload,
        authority: &Authority<'_>,
    ) -> Attempt<VerifiedUpload> {
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
        let declared = DeclaredContent {
            size: upload.size,
            sha256: &upload.sha256,
            content_type: upload.content_type.as_str(),
            copy_timeout: authority.copy_timeout(),
        };
        let (outcome, mismatch) = match self.blobs.check_upload(from, &object, declared).await {
            Ok(UploadCheck::Stored) => return Ok(VerifiedUpload { object, upload }),
            Ok(UploadCheck::Missing) => (Error::UploadMissing.into(), None),
            Ok(UploadCheck::Mismatch { sha256, .. }) => {
                let mismatch = if sha256.is_none() { Mismatch::Size } else { Mismatch::Sha256 };
                (Error::UploadMismatch(mismatch.name()).into(), Some(mismatch))
            }
            Ok(UploadCheck::Overwritten) => (AttemptError::Conflict, None),
            // The outcome is unknown.
            Err(error) => return Err(error.into()),
        };
        let mut end = Update::new(upload.key())
            .set("kept", &before.kept)?
            .set("abandoned", mismatch.is_some())?;
        // The caller of a request learns of the mismatch at once, and the next call answers that the id is unknown. The
        // caller of a job learns of it from the next call.
        if let (Some(mismatch), Authority::Job { .. }) = (mismatch, authority) {
            end = end.set("mismatch", mismatch)?;
        }
        ctx.table.update::<Upload>(end.only_if(unchanged(&upload)?)).await?;
        Err(outcome)
    }
}

/// Returns the condition that the upload is unchanged since it was read and not abandoned.
fn unchanged(upload: &Upload) -> Result<Condition> {
    let same_tries = Condition::equal("tries", upload.tries)?;
    Ok(Condition::All(vec![same_tries, Condition::equal("abandoned", false)?]))
}
