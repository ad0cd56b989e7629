//! API representations of an artifact.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Artifact, ArtifactKind};
use crate::clock::Timestamp;
use crate::ids::ArtifactId;

/// One version of a file. Each upload of a path creates the next version.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Artifact)]
pub struct ArtifactView {
    /// The id of the version, an opaque string.
    #[schema(example = "art_c4p32s1k6h0ifjqnaemkg0d5ntv8h9l2bq3s7r6e1mfo0u4tgc5p2j3k8d")]
    pub id: String,
    /// The id of the organization that the artifact belongs to.
    #[schema(example = "client_mfrggzdfmztwq2lknnwg23tpoa")]
    pub org_id: String,
    /// The project that the artifact belongs to; null if it belongs to the organization itself.
    #[schema(required)]
    pub project_id: Option<String>,
    /// The path of the artifact, relative and in POSIX form.
    #[schema(example = "reports/q3.pdf")]
    pub path: String,
    /// The kind of the artifact, as it was uploaded.
    pub kind: ArtifactKind,
    /// The version's number within its path, counted from 1.
    #[schema(example = 1)]
    pub version: u32,
    /// The size of the content in bytes.
    #[schema(example = 48_213)]
    pub size: u64,
    /// The declared media type. Downloads are always attachments.
    #[schema(example = "application/pdf")]
    pub content_type: String,
    /// The SHA-256 of the content, in hexadecimal.
    #[schema(example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    pub sha256: String,
    /// When the version was uploaded, or copied with its project.
    pub created_at: Timestamp,
}

/// A version of a file, with a download link.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ArtifactDownload)]
pub struct Download {
    #[serde(flatten)]
    /// The version.
    pub artifact: ArtifactView,
    /// The URL of the content. It works without a credential until `download_expires_at`, and
    /// serves an attachment.
    pub download_url: String,
    /// When the URL expires: 5 minutes after the request.
    ///
    pub download_expires_at: Timestamp,
}

impl From<&Artifact> for ArtifactView {
    fn from(artifact: &Artifact) -> Self {
        let id: &ArtifactId = &artifact.id;
        Self {
            id: id.to_string(),
            org_id: id.organization().to_string(),
            project_id: id.project().map(|project| project.to_string()),
            path: artifact.path.to_string(),
            kind: artifact.kind,
            version: artifact.version,
            size: artifact.size,
            content_type: artifact.content_type.as_str().to_owned(),
            sha256: artifact.sha256.to_string(),
            created_at: artifact.created_at,
        }
    }
}
