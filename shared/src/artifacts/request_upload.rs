//! Asking where to upload a file that is too large for a request.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::NewFile;
use super::store::Upload;
use crate::activity::Log;
use crate::clock::Timestamp;
use crate::content::{Contents, MOST_BYTES, Object, Sha256};
use crate::context::Context;
use crate::credentials::Credential;
use crate::dynamo::retry_conflicts;
use crate::error::{Error, Result};
use crate::idempotency::{Done, Once};
use crate::projects::admit::{Admission, admit_to_shelf};
use crate::requester::Requester;
use crate::throttle;

/// How long the URL takes an upload to begin. On Lambda, what signs it may not be good for longer.
const URL_LIVES: Duration = Duration::from_secs(60 * 60);

/// A file that is to come.
#[derive(Clone, Copy, Debug)]
pub struct Announced<'a> {
    /// What and where.
    pub file: &'a NewFile,
    /// How long it will be, in bytes.
    pub size: u64,
    /// Of what it will contain.
    pub sha256: &'a Sha256,
    /// What makes the request the same when it comes again.
    pub once: &'a Once,
}

/// Where to upload a file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PendingUpload)]
pub struct PendingUpload {
    /// Opaque id of the version that it will be, once `POST /v1/artifacts/{id}/complete` is called. That has
    /// to be within a day.
    #[schema(example = "art_c4p32s1k6h0ifjqnaemkg0d5ntv8h9l2bq3s7r6e1mfo0u4tgc5p2j3k8d")]
    id: String,
    /// Takes a `PUT` of the content, of exactly the announced size, with no header that isn't sent anyhow. What
    /// was put there last counts.
    upload_url: String,
    /// Until when it does: an hour. A repeated request is answered with the same URL.
    expires_at: Timestamp,
}

/// Tells where to upload the file. It is no version before it is completed ([`super::complete`]).
///
/// [`Error::NotFound`], [`Error::NoAccess`], [`Error::ProjectCopying`]; [`Error::BodyTooLarge`] of what is
/// larger than [`MOST_BYTES`]; [`Error::RateLimited`].
pub async fn request_upload(
    ctx: &Context,
    contents: &Contents,
    requester: &Requester,
    credential: &Credential,
    announced: Announced<'_>,
) -> Result<Done<PendingUpload>> {
    let attempt = || attempt(ctx, contents, requester, credential, announced);
    retry_conflicts(ctx, attempt).await
}

async fn attempt(
    ctx: &Context,
    contents: &Contents,
    requester: &Requester,
    credential: &Credential,
    announced: Announced<'_>,
) -> Result<Done<PendingUpload>> {
    let Announced { file, size, sha256, once } = announced;
    let shelf = &file.shelf;
    let admitted = admit_to_shelf(ctx, requester, credential, shelf, &[]);
    let (admitted, done) = tokio::join!(admitted, once.replay(ctx));
    let Admission { admitted, place, .. } = admitted?;
    if let Some(done) = done? {
        return Ok(done);
    }
    place.is_whole()?;
    if size > MOST_BYTES {
        return Err(Error::BodyTooLarge(usize::try_from(MOST_BYTES).unwrap_or(usize::MAX)));
    }
    let to = Object::upload(&*ctx.random);
    let upload =
        Upload::of(shelf.generate_artifact_id(&*ctx.random, ctx.now()), file, size, *sha256);
    let upload = Upload { upload: Some(to.clone()), ..upload };
    let pending = PendingUpload {
        id: upload.id.to_string(),
        upload_url: contents.upload_url(&to, size, URL_LIVES).await?,
        expires_at: ctx.now().plus(URL_LIVES),
    };
    let mut tx = ctx.table.transaction();
    admitted.hold(&mut tx)?;
    tx.put_new(&upload)?;
    throttle::UPLOADS.count_in(ctx, &mut tx, file.shelf.client().as_str()).await?;
    once.remember(ctx, &mut tx, &pending).await?;
    tx.commit(Log::Nothing("what is uploaded is logged when it is complete")).await?;
    Ok(Done::now(pending))
}
