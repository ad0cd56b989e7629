//! Uploading a file with the request itself.

use tokio::sync::OnceCell;

use super::contents::{use_first, use_more};
use super::put::{Before, put};
use super::store::{Content, Upload, Versions};
use super::{Artifact, ArtifactView, NewFile};
use crate::activity::{Action, Entry};
use crate::content::{Contents, Object, Sha256};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::ids::ArtifactId;
use crate::projects::admit::{Admission, admit_to_shelf};
use crate::requester::Requester;

/// A file that comes with the request.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// What and where.
    pub file: &'a NewFile,
    /// What it contains.
    pub bytes: &'a [u8],
    /// What makes the request the same when it comes again.
    pub once: &'a Once,
}

/// What is kept in S3 for the version that is to be.
struct Kept {
    id: ArtifactId,
    object: Object,
}

/// Keeps the file as the next version of its path. What the organization has already is not kept again.
///
/// [`Error::NotFound`], [`Error::NoAccess`], [`Error::ProjectCopying`].
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
        let client = shelf.client();
        let content_key = Content::key_of(&client, &self.sha256);
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
        let (id, object) = match &content {
            Some(content) => {
                use_more(&mut tx, &client, &self.sha256, &content.object, 1)?;
                (shelf.new_artifact(ctx), content.object.clone())
            }
            None => {
                let kept = self.kept.get_or_try_init(|| self.keep()).await?;
                use_first(&mut tx, &client, &self.sha256, &kept.object)?;
                // From here on the version knows what is kept for it.
                let noted = Some(Condition::equal("abandoned", false)?);
                tx.delete(&Upload::key_of(&kept.id), noted, Error::Conflict)?;
                (kept.id.clone(), kept.object.clone())
            }
        };
        let artifact = Artifact {
            id,
            path: file.path.clone(),
            kind: file.kind,
            version: before.next(),
            size: self.sent.bytes.len() as u64,
            content_type: file.content_type.clone(),
            sha256: self.sha256,
            object,
            created_at: ctx.now(),
            forks: place.forks(),
            deleted_after_forks: None,
        };
        put(&mut tx, &before, &artifact)?;
        place.touch(&mut tx, ctx.now(), before.more_files())?;
        let view = ArtifactView::from(&artifact);
        once.remember(ctx, &mut tx, &view).await?;
        tx.commit(uploaded(ctx, self.requester, admitted.caller.actor(), &artifact)).await?;
        Ok(Done::now(view))
    }

    /// Keeps the content. A row says so first: if no version comes of it, it is removed after a day.
    async fn keep(&self) -> Result<Kept> {
        let (ctx, file, bytes) = (self.ctx, self.sent.file, self.sent.bytes);
        let id = file.shelf.new_artifact(ctx);
        let object = Object::of_client(&file.shelf.client(), &*ctx.random);
        let upload = Upload {
            id: id.clone(),
            path: file.path.clone(),
            kind: file.kind,
            content_type: file.content_type.clone(),
            size: bytes.len() as u64,
            sha256: self.sha256,
            upload: None,
            kept: vec![object.clone()],
            tries: 0,
            abandoned: false,
        };
        let taken = Error::internal("a random id was there already");
        ctx.table.put(&upload, Condition::Absent, taken).await?;
        let content_type = file.content_type.as_str();
        self.contents.put(&object, bytes.to_vec(), &self.sha256, content_type).await?;
        Ok(Kept { id, object })
    }
}

/// The entry of an upload.
pub(super) fn uploaded(
    ctx: &Context,
    requester: &Requester,
    actor: crate::activity::Actor,
    artifact: &Artifact,
) -> Entry {
    let (client, action) = (artifact.id.client(), Action::ArtifactUploaded);
    Entry::of_client(ctx, requester, &client, actor, action, &artifact.id)
        .detail("path", &artifact.path)
        .detail("version", artifact.version)
}
