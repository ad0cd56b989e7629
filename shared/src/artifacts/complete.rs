//! Completes an upload that was sent directly to S3.

use tokio::sync::OnceCell;

use super::ArtifactView;
use super::contents::{use_first, use_more};
use super::put::{Before, StoredUpload, put_uploaded};
use super::store::{ById, Content, Upload, Versions};
use super::upload::uploaded;
use crate::content::{Contents, DeclaredContent, Object, Settled};
use crate::context::Context;
use crate::credentials::Caller;
use crate::dynamo::{Condition, Record, Update, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ArtifactId;
use crate::projects::Shelf;
use crate::projects::authorize::{AuthorizedScope, authorize_scope};

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
    contents: &Contents,
    caller: &Caller,
    id: &ArtifactId,
) -> Result<ArtifactView> {
    let settled = OnceCell::new();
    let call = Call { ctx, contents, caller, id, settled: &settled };
    retry_conflicts(ctx, || call.attempt()).await
}

/// An upload that was verified and copied to its permanent object.
struct Whole {
    /// The permanent object in S3.
    object: Object,
    /// The upload's row after this try was recorded.
    upload: Upload,
}

struct Call<'a> {
    ctx: &'a Context,
    contents: &'a Contents,
    caller: &'a Caller,
    id: &'a ArtifactId,
    settled: &'a OnceCell<Whole>,
}

impl Call<'_> {
    async fn attempt(&self) -> Result<ArtifactView> {
        let (ctx, id, shelf) = (self.ctx, self.id, Shelf::of(self.id));
        let (by_id, upload_key) = (keys::artifact(id), Upload::key_of(id));
        let also = [by_id.clone(), upload_key.clone()];
        let AuthorizedScope { authorized, scope, found } =
            authorize_scope(ctx, self.caller, &shelf, &also).await?;
        if let Some(ById(artifact)) = found.read(&by_id)? {
            return Ok(ArtifactView::from(&artifact));
        }
        let upload: Option<Upload> = found.read(&upload_key)?;
        let Some(upload) = upload.filter(|upload| self.is_waiting(upload)) else {
            // A batch read may see the end of the upload before it sees the resulting version.
            let version: Option<ById> = ctx.table.get(&by_id).await?;
            let ById(artifact) = version.ok_or(Error::NotFound)?;
            return Ok(ArtifactView::from(&artifact));
        };
        scope.require_not_copying()?;
        let whole = self.settled.get_or_try_init(|| self.settle(&upload)).await?;
        // The first attempt read the row before the try was recorded, and later attempts after it.
        let upload = if upload.tries < whole.upload.tries { whole.upload.clone() } else { upload };
        let content_key = Content::key_of(&id.client(), &upload.sha256);
        let wanted = [Versions::key_of(&shelf, &upload.path), content_key.clone()];
        let found = ctx.table.batch_get(&wanted).await?;
        let before = Before::of(&shelf, &upload.path, &found)?;
        let content: Option<Content> = found.read(&content_key)?;
        let mut tx = ctx.table.transaction();
        authorized.recheck(&mut tx)?;
        let mut left = upload.kept.clone();
        let object = match content {
            // The organization has this content already, so the copy is not needed.
            Some(content) => {
                use_more(&mut tx, &id.client(), &upload.sha256, &content.object, 1)?;
                content.object
            }
            None => {
                use_first(&mut tx, &id.client(), &upload.sha256, &whole.object)?;
                left.retain(|kept| *kept != whole.object);
                whole.object.clone()
            }
        };
        // The row stays for the sweep, which removes what may still arrive through the URL or from
        // a slow try.
        let end = Update::of(upload_key).set("abandoned", true)?.set("kept", left)?;
        tx.update(end.only_if(as_read(&upload)?), Error::Conflict)?;
        let artifact =
            put_uploaded(&mut tx, &before, &scope, StoredUpload { upload, object }, ctx.now())?;
        tx.commit(uploaded(ctx, &self.caller.requester, authorized.principal.actor(), &artifact))
            .await?;
        Ok(ArtifactView::from(&artifact))
    }

    /// Returns whether the upload waits for completion. A file that was sent inside a request does
    /// not.
    fn is_waiting(&self, upload: &Upload) -> bool {
        let in_time = self.ctx.now() < Upload::due_at(&upload.id);
        in_time && !upload.abandoned && upload.upload.is_some()
    }

    /// Verifies the upload, and copies it to a permanent object if it is as announced. Every try
    /// has its own object, because the upload may be overwritten meanwhile and an abandoned copy
    /// may still finish.
    async fn settle(&self, before: &Upload) -> Result<Whole> {
        let (ctx, Some(from)) = (self.ctx, &before.upload) else { return Err(Error::NotFound) };
        let object = Object::of_client(&before.id.client(), &*ctx.random);
        let kept: Vec<_> = before.kept.iter().chain([&object]).collect();
        let noted = Update::of(before.key()).set("kept", kept)?.add("tries", 1);
        let noted: Option<Upload> = ctx.table.update(noted.only_if(as_read(before)?)).await?;
        // Another try was recorded first, or has ended the upload.
        let upload = noted.ok_or(Error::Conflict)?;
        let (size, sha256) = (upload.size, &upload.sha256);
        let content_type = upload.content_type.as_str();
        let declared = DeclaredContent { size, sha256, content_type };
        let (outcome, ends) = match self.contents.settle(from, &object, declared).await {
            Ok(Settled::Whole) => return Ok(Whole { object, upload }),
            Ok(Settled::Missing) => (Error::UploadMissing, false),
            Ok(Settled::Other { sha256: None, .. }) => (Error::UploadMismatch("size"), true),
            Ok(Settled::Other { sha256: Some(_), .. }) => (Error::UploadMismatch("SHA-256"), true),
            // The upload was overwritten during the copy, which stored nothing.
            Err(Error::Conflict) => (Error::Conflict, false),
            // The outcome is unknown.
            Err(error) => return Err(error),
        };
        let end = Update::of(upload.key()).set("kept", &before.kept)?.set("abandoned", ends)?;
        ctx.table.update::<Upload>(end.only_if(as_read(&upload)?)).await?;
        Err(outcome)
    }
}

/// Returns the condition that the upload is unchanged since it was read and not abandoned.
fn as_read(upload: &Upload) -> Result<Condition> {
    let same = Condition::equal("tries", upload.tries)?;
    Ok(Condition::All(vec![same, Condition::equal("abandoned", false)?]))
}
