//! `POST /v1/artifacts`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use shared::artifacts::request_upload::{Announced, PendingUpload, request_upload};
use shared::artifacts::upload::{Sent, upload};
use shared::artifacts::{ArtifactView, ContentType, FilePath, Kind, NewFile};
use shared::content::{Contents, Sha256};
use shared::context::Context;
use shared::credentials::Credential;
use shared::error::{Error, Result};
use shared::http::openapi::{BodyErrors, OrganizationErrors, Throttled, Unavailable};
use shared::http::{self, ErrorBody, Input, Keyed, answer, org, project};
use shared::ids::{OrganizationId, ProjectId};
use shared::projects::admit::shelf;
use shared::requester::Requester;
use utoipa::ToSchema;

/// Longest body, in bytes. Lambda takes 6 MiB for all that API Gateway makes of a request
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const MAX_BODY_BYTES: usize = 6_000_000;

/// A file, or what it will be.
#[derive(Deserialize, ToSchema)]
#[schema(as = UploadArtifact)]
pub(crate) struct Request {
    /// The client that it is to belong to.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    org_id: String,
    /// Relative, as POSIX has it: without `.` and `..`, empty parts, backslashes and control characters; at
    /// most 800 bytes, and 255 between slashes. Kept in Unicode's composed form (NFC).
    #[schema(example = "reports/q3.pdf")]
    path: String,
    /// The content, in Base64 (RFC 4648, section 4). Absent of a file that is too large for a request.
    #[schema(example = "aGVsbG8=")]
    content_base64: Option<String>,
    /// Its media type; `application/octet-stream` unless given.
    #[schema(example = "application/pdf")]
    content_type: Option<String>,
    /// The project that it is to lie in; the client itself unless given.
    project_id: Option<String>,
    /// What it is; `file` unless given.
    kind: Option<Kind>,
    /// Without `content_base64`: how long the content will be, in bytes; at most 536,870,912.
    size: Option<u64>,
    /// Without `content_base64`: the content's SHA-256, in hexadecimal digits.
    sha256: Option<String>,
}

/// What is to be kept.
pub(crate) struct Wish {
    organization_id: OrganizationId,
    project: Option<ProjectId>,
    path: FilePath,
    kind: Kind,
    content_type: ContentType,
    content: Content,
}

enum Content {
    Sent(Vec<u8>),
    Announced { size: u64, sha256: Sha256 },
}

impl Request {
    fn parse(self) -> Result<Wish> {
        let content_type = self.content_type.as_deref().map(ContentType::parse).transpose()?;
        let sha256 = self.sha256.as_deref().map(sha256).transpose()?;
        Ok(Wish {
            organization_id: org(&self.org_id)?,
            project: self.project_id.as_deref().map(project).transpose()?,
            path: FilePath::parse(&self.path)?,
            kind: self.kind.unwrap_or_default(),
            content_type: content_type.unwrap_or_default(),
            content: content(self.content_base64, self.size, sha256)?,
        })
    }
}

fn sha256(text: &str) -> Result<Sha256> {
    let why = "64 hexadecimal digits";
    Sha256::parse(text).ok_or_else(|| Error::invalid_field("sha256", why))
}

/// What is sent, or what is said of it; of what is sent all that is said has to be true.
fn content(base64: Option<String>, size: Option<u64>, sha256: Option<Sha256>) -> Result<Content> {
    let Some(base64) = base64 else {
        return match (size, sha256) {
            (Some(size), Some(sha256)) => Ok(Content::Announced { size, sha256 }),
            (None, None) => Err(Error::missing("content_base64")),
            (None, Some(_)) => Err(Error::missing("size")),
            (Some(_), None) => Err(Error::missing("sha256")),
        };
    };
    let bytes = BASE64.decode(base64.as_bytes());
    let bytes =
        bytes.map_err(|_| Error::invalid_field("content_base64", "Base64, with padding"))?;
    if size.is_some_and(|size| size != bytes.len() as u64) {
        return Err(Error::invalid_field("size", "the content has another"));
    }
    if sha256.is_some_and(|sha256| sha256 != Sha256::of(&bytes)) {
        return Err(Error::invalid_field("sha256", "the content has another"));
    }
    Ok(Content::Sent(bytes))
}

/// The version that it is, or where to upload what it is to be.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Answer {
    /// Of a file that came with the request.
    Kept(ArtifactView),
    /// Of a file that is to come.
    Pending(PendingUpload),
}

/// Upload an artifact
///
/// Each upload of a path is its next version. What is too large for a request, whose body may have 6,000,000
/// bytes, is announced with its `size` and `sha256`, and without `content_base64`. The answer then says where
/// to `PUT` it; `POST /v1/artifacts/{artifact_id}/complete` makes a version of it. At most 1,000 are announced an
/// hour.
#[utoipa::path(
    post,
    path = "/v1/artifacts",
    tag = "Artifacts",
    security(("session" = []), ("bearer" = [])),
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255, description = "The same request again, within 24 hours, is answered as the first was")),
    request_body = Request,
    responses(
        (status = 200, body = Answer, description = "Kept; or where to upload it"),
        (status = 400, body = ErrorBody, description = "`MISSING_ORG_ID`, `MISSING_PATH`, `MISSING_CONTENT_BASE64`, \
            `MISSING_SIZE`, `MISSING_SHA256`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_COPYING` of a fork whose `status` isn't `ready`; \
            `IDEMPOTENCY_CONFLICT`"),
        BodyErrors,
        Throttled,
        Unavailable,
    )
)]
pub(crate) async fn upload_artifact(
    State(ctx): State<Context>,
    Extension(contents): Extension<Contents>,
    requester: Requester,
    credential: Credential,
    input: Input<Request, MAX_BODY_BYTES>,
) -> http::Result<Response> {
    let Keyed { body: wish, once } = input.parse(Request::parse).await?;
    let Wish { organization_id: organization, project, path, kind, content_type, content } = wish;
    let shelf = shelf(&ctx, &requester, &credential, &organization, project).await?;
    let (file, once) = (&NewFile { shelf, path, kind, content_type }, &once);
    let done = match &content {
        Content::Sent(bytes) => {
            let sent = Sent { file, bytes, once };
            upload(&ctx, &contents, &requester, &credential, sent).await?.map(Answer::Kept)
        }
        Content::Announced { size, sha256 } => {
            let announced = Announced { file, size: *size, sha256, once };
            let pending = request_upload(&ctx, &contents, &requester, &credential, announced);
            pending.await?.map(Answer::Pending)
        }
    };
    Ok(answer::<Answer>(done))
}
