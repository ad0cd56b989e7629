//! S3: one bucket, in memory or in a folder.
//!
//! `s3s` speaks the protocol and verifies the signatures of requests and of URLs, with the machine's
//! time, as the clients sign. What it has no words for here is refused. Of the bucket's settings in the
//! template only CORS is played: the rest is about who may come from where, and about what is left
//! over after days.

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
use operations::Bucket;

/// What is kept in the folder, and how the bucket is.
pub(crate) struct S3 {
    /// Where objects are kept, unless in memory.
    pub(crate) folder: Option<PathBuf>,
    /// The bucket's name.
    pub(crate) bucket: String,
    /// Which pages may use it.
    pub(crate) cors: Vec<CorsRule>,
    /// The one page's origin that the rules mean.
    pub(crate) origin: String,
}

impl S3 {
    pub(super) fn router(self) -> Result<Router, StartError> {
        let objects = Objects::open(self.folder).map_err(StartError::Data)?;
        let mut service = S3ServiceBuilder::new(Bucket::new(self.bucket, objects));
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let service = HandleError::new(service.build(), broken);
        let cors = Cors::new(self.cors, self.origin);
        Ok(Router::new()
            .fallback_service(service)
            .layer(middleware::from_fn_with_state(cors, cors::apply)))
    }
}

/// Makes a bucket in an S3 that is elsewhere.
pub(crate) async fn make_bucket(sdk: &SdkConfig, name: &str) -> Result<(), StartError> {
    let request = aws_sdk_s3::Client::new(sdk).create_bucket().bucket(name);
    request.send().await.map_err(StartError::aws)?;
    Ok(())
}

/// What isn't even HTTP as S3 knows it.
async fn broken(error: HttpError) -> StatusCode {
    tracing::error!(cause = ?error, "the embedded S3 failed");
    StatusCode::INTERNAL_SERVER_ERROR
}
