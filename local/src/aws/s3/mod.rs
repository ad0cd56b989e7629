//! S3: one bucket, in memory or in a folder.
//!
//! The library `s3s` implements the protocol and verifies the signatures of requests and presigned URLs
//! by the machine's time. Operations that the service does not use are refused. Of the bucket's settings
//! in the template, only CORS is simulated: the others concern access rights, encryption and expiry.

mod blob;
mod cors;
mod objects;
mod operations;
mod transfer;

use std::path::PathBuf;

use aws_config::SdkConfig;
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use axum::{Router, middleware};
use s3s::HttpError;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;

use super::{ACCESS_KEY, SECRET_KEY};
use crate::StartError;
use crate::template::CorsRule;
use cors::Cors;
use objects::Objects;
use operations::EmbeddedBucket;

/// Settings of the embedded S3.
pub(crate) struct S3Options {
    /// The folder of the objects. `None` keeps them in memory.
    pub(crate) folder: Option<PathBuf>,
    /// The name of the bucket.
    pub(crate) bucket: String,
    /// The CORS rules of the bucket.
    pub(crate) cors: Vec<CorsRule>,
    /// The origin that the CORS rules allow.
    pub(crate) origin: String,
}

impl S3Options {
    /// Creates the router of an S3 with these settings.
    pub(super) fn router(self) -> Result<Router, StartError> {
        let objects = Objects::open(self.folder).map_err(StartError::Data)?;
        let mut service = S3ServiceBuilder::new(EmbeddedBucket::new(self.bucket, objects));
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = HandleError::new(service.build(), internal_error);
        let cors = Cors::new(self.cors, self.origin);
        Ok(Router::new()
            .fallback_service(service)
            .layer(middleware::from_fn_with_state(cors, cors::apply)))
    }
}

/// Creates a bucket in an external S3.
///
/// # Errors
/// [`StartError::Aws`] if S3 refuses the call.
pub(crate) async fn create_bucket(sdk: &SdkConfig, name: &str) -> Result<(), StartError> {
    let request = aws_sdk_s3::Client::new(sdk).create_bucket().bucket(name);
    request.send().await.map_err(StartError::aws)?;
    Ok(())
}

/// Answers a request that `s3s` cannot read as HTTP.
async fn internal_error(error: HttpError) -> StatusCode {
    tracing::error!(cause = ?error, "the embedded S3 failed");
    StatusCode::INTERNAL_SERVER_ERROR
}
