//! Making a version of what was uploaded.

use std::time::Duration;

use tokio::sync::OnceCell;

use super::contents::{use_first, use_more};
use super::put::{Before, put};
use super::store::{ById, Content, Upload, Versions};
use super::upload::uploaded;
use super::{Artifact, ArtifactView};
use crate::content::{Contents, Settled};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::{Condition, Record, Update, retry_conflicts};
use crate::error::{Error, Result};
use crate::ids::ArtifactId;
use crate::projects::Shelf;
use crate::projects::admit::{Admission, admit_to_shelf};
use crate::requester::Requester;

/// For how long nobody else looks at what was uploaded while one does: more than a request may take. Two at
/// once could see different things where it is written anew meanwhile.
const CLAIM: Duration = Duration::from_secs(20);

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

struct Call<'a> {
    ctx: &'a Context,
    contents: &'a Contents,
    requester: &'a Requester,
    credential: &'a Credential,
    id: &'a ArtifactId,
    settled: &'a OnceCell<()>,
}

impl Call<'_> {
    async fn attempt(&self) -> Result<ArtifactView> {
        let (ctx, id, shelf) = (self.ctx, self.id, Shelf::of(self.id));
        let (by_id, upload_key) = (crate::dynamo::keys::artifact(id), Upload::key_of(id));
        let also = [by_id.clone(), upload_key.clone()];
        let Admission { admitted, place, found } =
            admit_to_shelf(ctx, self.requester, self.credential, &shelf, &also).await?;
        if let Some(ById(artifact)) = found.read(&by_id)? {
            return Ok(ArtifactView::from(&artifact));
        }
        let upload: Option<Upload> = found.read(&upload_key)?;
        let upload = upload.filter(|upload| self.is_waiting(upload)).ok_or(Error::NotFound)?;
        place.is_whole()?;
        self.settled.get_or_try_init(|| self.settle(&upload)).await?;
        let content_key = Content::key_of(&id.client(), &upload.sha256);
        let wanted = [Versions::key_of(&shelf, &upload.path), content_key.clone()];
        let found = ctx.table.batch_get(&wanted).await?;
        let before = Before::of(&shelf, &upload.path, &found)?;
        let content: Option<Content> = found.read(&content_key)?;
        let mut tx = ctx.table.transaction();
        admitted.hold(&mut tx)?;
        let object = match content {
            Some(content) => {
                use_more(&mut tx, &id.client(), &upload.sha256, &content.object, 1)?;
                // What was uploaded isn't needed. It is removed when the upload would have been due.
                let noted = Update::of(upload_key).set("abandoned", true)?;
                tx.update(noted.only_if(Condition::Exists), Error::Conflict)?;
                content.object
            }
            None => {
                use_first(&mut tx, &id.client(), &upload.sha256, &upload.object)?;
                let mine = Condition::equal("abandoned", false)?;
                tx.delete(&upload_key, Some(mine), Error::Conflict)?;
                upload.object
            }
        };
        let artifact = Artifact {
            id: id.clone(),
            path: upload.path,
            kind: upload.kind,
            version: before.next(),
            size: upload.size,
            content_type: upload.content_type,
            sha256: upload.sha256,
            object,
            created_at: ctx.now(),
            forks: place.forks(),
            deleted_after_forks: None,
        };
        put(&mut tx, &before, &artifact)?;
        place.touch(&mut tx, ctx.now(), before.more_files())?;
        tx.commit(uploaded(ctx, self.requester, admitted.caller.actor(), &artifact)).await?;
        Ok(ArtifactView::from(&artifact))
    }

    /// What came with its request has nothing to be completed.
    fn is_waiting(&self, upload: &Upload) -> bool {
        let in_time = self.ctx.now() < Upload::due_at(&upload.id);
        in_time && !upload.abandoned && upload.upload.is_some()
    }

    /// Looks at what was uploaded, and keeps it if it is what was announced.
    async fn settle(&self, upload: &Upload) -> Result<()> {
        let Some(from) = &upload.upload else { return Err(Error::NotFound) };
        self.claim(upload).await?;
        let (to, content_type) = (&upload.object, upload.content_type.as_str());
        let settling =
            self.contents.settle(from, to, upload.size, &upload.sha256, content_type).await;
        let (outcome, ends) = match settling {
            Ok(Settled::Whole) => return Ok(()),
            Ok(Settled::Missing) => (Error::UploadMissing, false),
            Ok(Settled::Other { sha256: None, .. }) => (Error::UploadMismatch("size"), true),
            Ok(Settled::Other { sha256: Some(_), .. }) => (Error::UploadMismatch("SHA-256"), true),
            // The next attempt claims it anew.
            Err(error) => (error, false),
        };
        let end = Update::of(upload.key()).remove("claimed_until").set("abandoned", ends)?;
        self.ctx.table.update::<Upload>(end.only_if(Condition::Exists)).await?;
        Err(outcome)
    }

    /// [`Error::Conflict`] while another request has claimed it: the next attempt sees what came of that.
    async fn claim(&self, upload: &Upload) -> Result<()> {
        let now = self.ctx.now();
        let free = Condition::Any(vec![
            Condition::Missing("claimed_until"),
            Condition::at_most("claimed_until", now)?,
        ]);
        let mine = Condition::All(vec![Condition::equal("abandoned", false)?, free]);
        let claim = Update::of(upload.key()).set("claimed_until", now.plus(CLAIM))?.only_if(mine);
        match self.ctx.table.update::<Upload>(claim).await? {
            Some(_) => Ok(()),
            None => Err(Error::Conflict),
        }
    }
}
