//! Uploads a file inside the request.

use tokio::sync::OnceCell;

use super::contents::{use_first, use_more};
use super::put::{Before, put_uploaded};
use super::store::{Content, Upload, Versions};
use super::{Artifact, ArtifactView, NewFile};
use crate::activity::{Action, Actor, Entry};
use crate::content::{Contents, Object, Sha256};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, Record, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::projects::admit::{Admission, admit_to_shelf};
use crate::requester::Requester;

/// A file that is sent inside the request.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The file's properties.
    pub file: &'a NewFile,
    /// The content.
    pub bytes: &'a [u8],
    /// The request's idempotency key.
    pub once: &'a Once,
}

/// Content that was stored in S3 for a future version.
struct Kept {
    upload: Upload,
    object: Object,
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
    requester: &Requester,
    credential: &Credential,
    sent: Sent<'_>,
) -> Result<Done<ArtifactView>> {
    let sha256 = Sha256::of(sent.bytes);
    let kept = OnceCell::new();
    let call = Call { ctx, contents, requester, credential, sent, sha256, kept: &kept };
    retry_conflicts(ctx, || call.attempt()).await
}

struct Call<'a> {
    ctx: &'a Context,
    contents: &'a Contents,
    requester: &'a Requester,
    credential: &'a Credential,
    sent: Sent<'a>,
    sha256: Sha256,
    kept: &'a OnceCell<Kept>,
}

impl Call<'_> {
    async fn attempt(&self) -> Result<Done<ArtifactView>> {
        let (ctx, file) = (self.ctx, self.sent.file);
        let (shelf, once) = (&file.shelf, self.sent.once);
        let organization = shelf.client();
        let content_key = Content::key_of(&organization, &self.sha256);
        let also = [Versions::key_of(shelf, &file.path), content_key.clone()];
        let admitted = admit_to_shelf(ctx, self.requester, self.credential, shelf, &also);
        let (admitted, done) = tokio::join!(admitted, once.replay(ctx));
        let Admission { admitted, place, found } = admitted?;
        if let Some(done) = done? {
            return Ok(done);
        }
        place.is_whole()?;
        let before = Before::of(shelf, &file.path, &found)?;
        let content: Option<Content> = found.read(&content_key)?;
        let mut tx = ctx.table.transaction();
        admitted.hold(&mut tx)?;
        let (upload, object) = match &content {
            Some(content) => {
                use_more(&mut tx, &organization, &self.sha256, &content.object, 1)?;
                (self.announced(), content.object.clone())
            }
            None => {
                let kept = self.kept.get_or_try_init(|| self.keep()).await?;
                use_first(&mut tx, &organization, &self.sha256, &kept.object)?;
                // From this commit on, the version refers to the object, and the upload's row is
                // not needed.
                let noted = Some(Condition::equal("abandoned", false)?);
                tx.delete(&kept.upload.key(), noted, Error::Conflict)?;
                (kept.upload.clone(), kept.object.clone())
            }
        };
        let artifact = put_uploaded(&mut tx, &before, &place, upload, object, ctx.now())?;
        let view = ArtifactView::from(&artifact);
        once.remember(ctx, &mut tx, &view).await?;
        tx.commit(uploaded(ctx, self.requester, admitted.caller.actor(), &artifact)).await?;
        Ok(Done::now(view))
    }

    /// Describes the upload in the same way as an announced one.
    fn announced(&self) -> Upload {
        let Sent { file, bytes, .. } = self.sent;
        Upload::of(
            file.shelf.generate_artifact_id(&*self.ctx.random, self.ctx.now()),
            file,
            bytes.len() as u64,
            self.sha256,
        )
    }

    /// Stores the content in S3. A row is written first, so that the object is removed after a day
    /// if no version results.
    async fn keep(&self) -> Result<Kept> {
        let (ctx, Sent { file, bytes, .. }) = (self.ctx, self.sent);
        let object = Object::of_client(&file.shelf.client(), &*ctx.random);
        let upload = Upload { kept: vec![object.clone()], ..self.announced() };
        let taken = Error::internal("a random id exists already");
        ctx.table.put(&upload, Condition::Absent, taken).await?;
        let content_type = file.content_type.as_str();
        self.contents.put(&object, bytes.to_vec(), &self.sha256, content_type).await?;
        Ok(Kept { upload, object })
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
    Entry::of_client(ctx, requester, &organization, actor, action, &artifact.id)
        .detail("path", &artifact.path)
        .detail("version", artifact.version)
}
