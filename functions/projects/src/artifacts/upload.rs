//! `POST /v1/artifacts`

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use shared::artifacts::request_upload::{PendingUpload, UploadRequest, request_upload};
use shared::artifacts::upload::{InlineUpload, upload};
use shared::artifacts::{ArtifactKind, ArtifactView, ContentType, FilePath, NewFile};
use shared::blobs::{BlobStore, Sha256};
use shared::context::Context;
use shared::credentials::Caller;
use shared::error::{Error, Result};
use shared::http::openapi::{BodyErrors, OrganizationErrors, ThrottleErrors, Unavailable};
use shared::http::openapi_parameters::IdempotencyKeyHeader;
use shared::http::{
    self, CallerBody, ErrorBody, IdempotentBody, idempotent_response, parse_org_id,
    parse_project_id,
};
use shared::ids::{OrganizationId, ProjectId};
use shared::organizations::rights::Right;
use shared::projects::authorize::resolve_scope;
use utoipa::ToSchema;

/// Maximum size of the body in bytes. Lambda accepts 6 MiB for the whole event that API Gateway
/// makes of a request (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const MAX_BODY_BYTES: usize = 6_000_000;

/// Parameters for uploading an artifact, or for requesting the upload of a large one.
#[derive(Deserialize, ToSchema)]
#[schema(as = UploadArtifact)]
pub(crate) struct Request {
    /// The id of the organization that the artifact belongs to.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    org_id: String,
    /// The path of the artifact: relative, in POSIX form, without `.` and `..`, empty parts,
    /// backslashes, colons and control characters. No part ends with a dot or a space, or is the name of a
    /// Windows device, such as `con` or `com1.txt`. At most 800 bytes, and 255 between slashes. It is
    /// normalized to Unicode's composed form (NFC).
    #[schema(example = "reports/q3.pdf")]
    path: String,
    /// The content in Base64 (RFC 4648, section 4). Leave it out to request a link for a large file.
    #[schema(example = "aGVsbG8=")]
    content_base64: Option<String>,
    /// The media type of the content; `application/octet-stream` by default.
    #[schema(example = "application/pdf")]
    content_type: Option<String>,
    /// The id of the project that the artifact belongs to. Without it, the artifact belongs to the
    /// organization itself.
    project_id: Option<String>,
    /// The kind of the artifact; `file` by default.
    kind: Option<ArtifactKind>,
    /// The size of a file to upload through a link, in bytes; at most 536,870,912.
    size: Option<u64>,
    /// The SHA-256 of a file to upload through a link, in hexadecimal.
    sha256: Option<String>,
}

/// The request with checked values.
pub(crate) struct UploadParams {
    organization_id: OrganizationId,
    project: Option<ProjectId>,
    path: FilePath,
    kind: ArtifactKind,
    content_type: ContentType,
    content: RequestContent,
}

enum RequestContent {
    Inline(Vec<u8>),
    Presigned { size: u64, sha256: Sha256 },
}

impl Request {
    fn parse(self) -> Result<UploadParams> {
        let content_type = self.content_type.as_deref().map(ContentType::parse).transpose()?;
        let sha256 = self.sha256.as_deref().map(sha256).transpose()?;
        Ok(UploadParams {
            organization_id: parse_org_id(&self.org_id)?,
            project: self.project_id.as_deref().map(parse_project_id).transpose()?,
            path: FilePath::parse(&self.path)?,
            kind: self.kind.unwrap_or_default(),
            content_type: content_type.unwrap_or_default(),
            content: content(self.content_base64, self.size, sha256)?,
        })
    }
}

fn sha256(text: &str) -> Result<Sha256> {
    let why = "must be 64 hexadecimal digits";
    Sha256::parse(text).ok_or_else(|| Error::invalid_field("sha256", why))
}

/// Parses the content, or the size and hash of one to upload through a link. If both are given, they must agree.
fn content(
    base64: Option<String>,
    size: Option<u64>,
    sha256: Option<Sha256>,
) -> Result<RequestContent> {
    let Some(base64) = base64 else {
        return match (size, sha256) {
            (Some(size), Some(sha256)) => Ok(RequestContent::Presigned { size, sha256 }),
            (None, None) => Err(Error::missing("content_base64")),
            (None, Some(_)) => Err(Error::missing("size")),
            (Some(_), None) => Err(Error::missing("sha256")),
        };
    };
    let bytes = BASE64.decode(base64.as_bytes());
    let bytes =
        bytes.map_err(|_| Error::invalid_field("content_base64", "must be Base64 with padding"))?;
    if size.is_some_and(|size| size != bytes.len() as u64) {
        return Err(Error::invalid_field("size", "must be the size of the content"));
    }
    if sha256.is_some_and(|sha256| sha256 != Sha256::of(&bytes)) {
        return Err(Error::invalid_field("sha256", "must be the SHA-256 of the content"));
    }
    Ok(RequestContent::Inline(bytes))
}

/// The new version, or a link for uploading it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = UploadedArtifact)]
pub(crate) enum ResponseBody {
    /// The version that was created from the content in the request.
    Created(ArtifactView),
    /// The link for uploading a large file.
    Pending(PendingUpload),
}

/// Upload an artifact
///
/// Creates the next version of a path from the content in the request, whose body may have up to
/// 6,000,000 bytes.
///
/// To upload a larger file, send `size` and `sha256` without `content_base64`. `PUT` the content to
/// the `upload_url` of the response, then call `POST /v1/artifacts/{artifact_id}/complete`. At most
/// 1,000 uploads an hour can be requested in an organization.
#[utoipa::path(
    post,
    path = "/v1/artifacts",
    tag = "Artifacts",
    security(("session" = []), ("bearer" = ["artifacts:write"])),
    params(IdempotencyKeyHeader),
    request_body = Request,
    responses(
        (status = 200, body = ResponseBody, description = "The new version, or the link for uploading a large file"),
        (status = 400, body = ErrorBody, description = "`MISSING_ORG_ID`, `MISSING_PATH`, `MISSING_CONTENT_BASE64`, \
            `MISSING_SIZE`, `MISSING_SHA256`, `INVALID_FIELD`, `INVALID_JSON`"),
        OrganizationErrors,
        (status = 409, body = ErrorBody, description = "`PROJECT_COPYING`: wait until the fork's `status` is `ready`; \
            `IDEMPOTENCY_CONFLICT`: use a new key"),
        BodyErrors,
        ThrottleErrors,
        Unavailable,
    )
)]
pub(crate) async fn upload_artifact(
    State(ctx): State<Context>,
    Extension(blobs): Extension<BlobStore>,
    caller: Caller,
    input: CallerBody<Request, MAX_BODY_BYTES>,
) -> http::Result<Response> {
    let IdempotentBody { body: params, idempotency_key } = input.parse(Request::parse).await?;
    let UploadParams { organization_id: organization, project, path, kind, content_type, content } =
        params;
    let scope = resolve_scope(&ctx, &caller, &organization, project, Right::ManageProjects).await?;
    let (file, idempotency_key) = (&NewFile { scope, path, kind, content_type }, &idempotency_key);
    let done = match &content {
        RequestContent::Inline(bytes) => {
            let inline = InlineUpload { file, bytes, idempotency_key };
            upload(&ctx, &blobs, &caller, inline).await?.map(ResponseBody::Created)
        }
        RequestContent::Presigned { size, sha256 } => {
            let request = UploadRequest { file, size: *size, sha256, idempotency_key };
            let pending = request_upload(&ctx, &blobs, &caller, request);
            pending.await?.map(ResponseBody::Pending)
        }
    };
    Ok(idempotent_response::<ResponseBody>(done))
}
