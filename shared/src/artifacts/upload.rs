//! Uploads a file inside the request.

use tokio::sync::OnceCell;

use super::contents::{use_first, use_more};
use super::put::{Before, StoredUpload, put_uploaded};
use super::store::{Content, Upload, Versions};
use super::{Artifact, ArtifactView, NewFile};
use crate::activity::{Action, Actor, Entry};
use crate::content::{Contents, Object, Sha256};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::projects::authorize::{AuthorizedScope, authorize_scope};
use crate::requester::Requester;

/// A file that is sent inside the request.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The file's properties.
    pub file: &'a NewFile,
    /// The content.
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
/// * [`Error::ProjectCopying`] if the project is a fork that is still being copied.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn upload(
    ctx: &Context,
    contents: &Contents,
    caller: &Caller,
    sent: Sent<'_>,
) -> Result<Replayable<ArtifactView>> {
    let sha256 = Sha256::of(sent.bytes);
    let kept = OnceCell::new();
    let call = Call { ctx, contents, caller, sent, sha256, kept: &kept };
    retry_conflicts(ctx, || call.attempt()).await
}

struct Call<'a> {
    ctx: &'a Context,
    contents: &'a Contents,
    caller: &'a Caller,
    sent: Sent<'a>,
    sha256: Sha256,
    kept: &'a OnceCell<StoredUpload>,
}

impl Call<'_> {
    async fn attempt(&self) -> Result<Replayable<ArtifactView>> {
        let (ctx, file) = (self.ctx, self.sent.file);
        let (shelf, idempotency_key) = (&file.shelf, self.sent.idempotency_key);
        let organization = shelf.client();
        let content_key = Content::key_of(&organization, &self.sha256);
        let also = [Versions::key_of(shelf, &file.path), content_key.clone()];
        let authorized = authorize_scope(ctx, self.caller, shelf, &also);
        let (authorized, done) = tokio::join!(authorized, idempotency_key.replay(ctx));
        let AuthorizedScope { authorized, scope, found } = authorized?;
        if let Some(done) = done? {
            return Ok(done);
        }
        scope.require_not_copying()?;
        let before = Before::of(shelf, &file.path, &found)?;
        let content: Option<Content> = found.read(&content_key)?;
        let mut tx = ctx.table.transaction();
        authorized.recheck(&mut tx)?;
        let stored = match &content {
            Some(content) => {
                use_more(&mut tx, &organization, &self.sha256, &content.object, 1)?;
                StoredUpload { upload: self.announced(), object: content.object.clone() }
            }
            None => {
                let kept = self.kept.get_or_try_init(|| self.keep()).await?;
                use_first(&mut tx, &organization, &self.sha256, &kept.object)?;
                // From this commit on, the version refers to the object, and the upload's row is
                // not needed.
                let noted = Some(Condition::equal("abandoned", false)?);
                tx.delete(&kept.upload.key(), noted, Error::Conflict)?;
                kept.clone()
            }
        };
        let artifact = put_uploaded(&mut tx, &before, &scope, stored, ctx.now())?;
        let view = ArtifactView::from(&artifact);
        idempotency_key.store_response(ctx, &mut tx, &view).await?;
        tx.commit(uploaded(ctx, &self.caller.requester, authorized.principal.actor(), &artifact))
            .await?;
        Ok(Replayable::new(view))
    }

    /// Describes the upload in the same way as an announced one.
    fn announced(&self) -> Upload {
        let Sent { file, bytes, .. } = self.sent;
        Upload::of(file.shelf.new_artifact(self.ctx), file, bytes.len() as u64, self.sha256)
    }

    /// Stores the content in S3. A row is written first, so that the object is removed after a day
    /// if no version results.
    async fn keep(&self) -> Result<StoredUpload> {
        let (ctx, Sent { file, bytes, .. }) = (self.ctx, self.sent);
        let object = Object::of_client(&file.shelf.client(), &*ctx.random);
        let upload = Upload { kept: vec![object.clone()], ..self.announced() };
        let taken = Error::internal("a random id exists already");
        ctx.table.put(&upload, Condition::Absent, taken).await?;
        let content_type = file.content_type.as_str();
        self.contents.put(&object, bytes.to_vec(), &self.sha256, content_type).await?;
        Ok(StoredUpload { upload, object })
    }
}

/// Creates the event of an upload.
pub(super) fn uploaded(
    ctx: &Context,
    requester: &Requester,
    actor: Actor,
    artifact: &Artifact,
) -> Entry {
    let (organization, action) = (artifact.id.client(), Action::ArtifactUploaded);
    Entry::of_client(ctx, requester, &organization, actor, action)
        .with_target(&artifact.id)
        .detail("path", &artifact.path)
        .detail("version", artifact.version)
}
