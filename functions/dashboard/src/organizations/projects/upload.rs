//! `POST /account/organizations/{client_id}/projects/{project_id}/upload`: uploads a file.

use axum::Extension;
use axum::extract::State;
use shared::artifacts::upload::{InlineUpload, upload};
use shared::artifacts::{ArtifactKind, ContentType, FilePath, NewFile};
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::error::{Error, Result};
use shared::values::ArtifactScope;

use super::ProjectPath;
use super::project::show_again;
use crate::forms::{Fields, MAX_FORM_FILE_BYTES, Submission, UploadedFile};
use crate::pages::{PageResult, redirects, size_text};

/// Stores the file as the next version of its path.
pub(crate) async fn upload_file(
    State(ctx): State<Context>,
    Extension(blobs): Extension<BlobStore>,
    paths: ProjectPath,
    submission: Submission,
) -> PageResult {
    let idempotency_key = &submission.idempotency_key();
    let uploaded = async {
        let (file, bytes) =
            parse(&submission.fields, ArtifactScope::Project(paths.project.clone()))?;
        let inline = InlineUpload { file: &file, bytes, idempotency_key };
        upload(&ctx, &blobs, &submission.visitor.caller, inline).await
    };
    match uploaded.await {
        Ok(uploaded) => {
            let artifact = uploaded.response;
            let message = format!("Uploaded {}, version {}", artifact.path, artifact.version);
            Ok(redirects::done(&paths.page(), &message))
        }
        Err(error) => {
            let state = submission.refused(error)?;
            show_again(&ctx, &paths, submission, state).await
        }
    }
}

fn parse(fields: &Fields, scope: ArtifactScope) -> Result<(NewFile, &[u8])> {
    let UploadedFile { name, content_type, bytes, .. } =
        fields.file("file").ok_or_else(|| Error::invalid_field("file", "choose a file"))?;
    if bytes.len() as u64 > MAX_FORM_FILE_BYTES {
        let limit = size_text(MAX_FORM_FILE_BYTES);
        let why =
            format!("this file is larger than {limit}; upload it with the API, as described below");
        return Err(Error::invalid_field("file", why));
    }
    let kind = fields.optional("kind").map(ArtifactKind::parse).transpose()?;
    let file = NewFile {
        scope,
        path: FilePath::parse(fields.optional("path").unwrap_or(name).trim())?,
        kind: kind.unwrap_or_default(),
        // Browsers guess the type by the file's name; what is no media type is no reason to refuse the file.
        content_type: ContentType::parse(content_type).unwrap_or_default(),
    };
    Ok((file, bytes))
}
