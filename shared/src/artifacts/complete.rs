//! Making a version of what was uploaded.

use tokio::sync::OnceCell;

use super::ArtifactView;
use super::contents::{use_first, use_more};
use super::put::{Before, put_uploaded};
use super::store::{ById, Content, Upload, Versions};
use super::upload::uploaded;
use crate::content::{Contents, Object, Settled};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, Record, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ArtifactId;
use crate::keys;
use crate::projects::admit::{Admission, admit_to_shelf};
use crate::requester::Requester;
use crate::values::ArtifactScope;

/// Makes what was uploaded the next version of its path, if it is what was announced; otherwise it is
/// removed, and so is the id. Called again, it answers the same.
///
/// [`Error::NotFound`] of an id that isn't waiting for anything, [`Error::NoAccess`],
/// [`Error::ProjectCopying`]; [`Error::UploadMissing`] before anything was uploaded;
/// [`Error::UploadMismatch`].
pub async fn complete(
    ctx: &Context,
    contents: &Contents,
    requester: &Requester,
    credential: &Credential,
    id: &ArtifactId,
) -> Result<ArtifactView> {
    let settled = OnceCell::new();
    let call = Call { ctx, contents, requester, credential, id, settled: &settled };
    retry_conflicts(ctx, || call.attempt()).await
}

/// What was uploaded is what was announced.
struct Whole {
    /// Where it is kept.
    object: Object,
    /// The upload as it is since.
    upload: Upload,
}

struct Call<'a> {
    ctx: &'a Context,
    contents: &'a Contents,
    requester: &'a Requester,
    credential: &'a Credential,
    id: &'a ArtifactId,
    settled: &'a OnceCell<Whole>,
}

impl Call<'_> {
    async fn attempt(&self) -> Result<ArtifactView> {
        let (ctx, id, shelf) = (self.ctx, self.id, ArtifactScope::of(self.id));
        let (by_id, upload_key) = (keys::artifact(id), Upload::key_of(id));
        let also = [by_id.clone(), upload_key.clone()];
        let Admission { admitted, place, found } =
            admit_to_shelf(ctx, self.requester, self.credential, &shelf, &also).await?;
        if let Some(ById(artifact)) = found.read(&by_id)? {
            return Ok(ArtifactView::from(&artifact));
        }
        let upload: Option<Upload> = found.read(&upload_key)?;
        let Some(upload) = upload.filter(|upload| self.is_waiting(upload)) else {
            // A batch may see that it is over before it sees the version that came of it.
            let version: Option<ById> = ctx.table.get(&by_id).await?;
            let ById(artifact) = version.ok_or(Error::NotFound)?;
            return Ok(ArtifactView::from(&artifact));
        };
        place.is_whole()?;
        let whole = self.settled.get_or_try_init(|| self.settle(&upload)).await?;
        // The first attempt has read it before, the others behind.
        let upload = if upload.tries < whole.upload.tries { whole.upload.clone() } else { upload };
        let content_key = Content::key_of(&id.client(), &upload.sha256);
        let wanted = [Versions::key_of(&shelf, &upload.path), content_key.clone()];
        let found = ctx.table.batch_get(&wanted).await?;
        let before = Before::of(&shelf, &upload.path, &found)?;
        let content: Option<Content> = found.read(&content_key)?;
        let mut tx = ctx.table.transaction();
        admitted.hold(&mut tx)?;
        let mut left = upload.kept.clone();
        let object = match content {
            // What was uploaded isn't needed.
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
        // It stays to be swept, with what may still come through the URL, or of a try that takes its time.
        let end = Update::new(upload_key).set("abandoned", true)?.set("kept", left)?;
        tx.update(end.only_if(as_read(&upload)?), Error::Conflict)?;
        let artifact = put_uploaded(&mut tx, &before, &place, upload, object, ctx.now())?;
        tx.commit(uploaded(ctx, self.requester, admitted.caller.actor(), &artifact)).await?;
        Ok(ArtifactView::from(&artifact))
    }

    /// What came with its request has nothing to be completed.
    fn is_waiting(&self, upload: &Upload) -> bool {
        let in_time = self.ctx.now() < Upload::due_at(&upload.id);
        in_time && !upload.abandoned && upload.upload.is_some()
    }

    /// Looks at what was uploaded, and keeps it if it is what was announced. Each try has a place of its own:
    /// somebody may put something else there meanwhile, and a copy that nobody waits for any more may still
    /// come.
    async fn settle(&self, before: &Upload) -> Result<Whole> {
        let (ctx, Some(from)) = (self.ctx, &before.upload) else { return Err(Error::NotFound) };
        let object = Object::of_client(&before.id.client(), &*ctx.random);
        let kept: Vec<_> = before.kept.iter().chain([&object]).collect();
        let noted = Update::new(before.key()).set("kept", kept)?.add("tries", 1);
        let noted: Option<Upload> = ctx.table.update(noted.only_if(as_read(before)?)).await?;
        // Another try was noted first, or ended it.
        let upload = noted.ok_or(Error::Conflict)?;
        let (size, sha256) = (upload.size, &upload.sha256);
        let content_type = upload.content_type.as_str();
        let (outcome, ends) =
            match self.contents.settle(from, &object, size, sha256, content_type).await {
                Ok(Settled::Whole) => return Ok(Whole { object, upload }),
                Ok(Settled::Missing) => (Error::UploadMissing, false),
                Ok(Settled::Other { sha256: None, .. }) => (Error::UploadMismatch("size"), true),
                Ok(Settled::Other { sha256: Some(_), .. }) => {
                    (Error::UploadMismatch("SHA-256"), true)
                }
                // It was written anew meanwhile: nothing was kept.
                Err(Error::Conflict) => (Error::Conflict, false),
                // Nobody knows.
                Err(error) => return Err(error),
            };
        let end = Update::new(upload.key()).set("kept", &before.kept)?.set("abandoned", ends)?;
        ctx.table.update::<Upload>(end.only_if(as_read(&upload)?)).await?;
        Err(outcome)
    }
}

/// That the upload is as it was read, and something may come of it.
fn as_read(upload: &Upload) -> Result<Condition> {
    let same = Condition::equal("tries", upload.tries)?;
    Ok(Condition::All(vec![same, Condition::equal("abandoned", false)?]))
}
