//! Forms with files (RFC 7578).

use axum::extract::{FromRequest, Multipart, Request};

use super::fields::Fields;
use super::uploaded_file::UploadedFile;

/// Reads a form with files; `None` if it is malformed.
pub(super) async fn read_multipart(request: Request) -> Option<Fields> {
    let mut multipart = Multipart::from_request(request, &()).await.ok()?;
    let (mut pairs, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = multipart.next_field().await.ok()? {
        let field = part.name()?.to_owned();
        match part.file_name().map(str::to_owned) {
            Some(name) => {
                let content_type = part.content_type().unwrap_or_default().to_owned();
                let bytes = part.bytes().await.ok()?.to_vec();
                files.push(UploadedFile { field, name, content_type, bytes });
            }
            None => pairs.push((field, part.text().await.ok()?)),
        }
    }
    Some(Fields::new(pairs, files))
}
