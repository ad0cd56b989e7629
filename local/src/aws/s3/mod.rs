//! S3: one bucket, in memory or in a folder.
//!
//! The library `s3s` implements the protocol and verifies the signatures of requests and presigned URLs
//! by the machine's time. Operations that the service does not use are refused. Of the bucket's settings
//! in the template, only CORS is simulated: the others concern access rights, encryption and expiry.
//!
//! Each function signs with an access key id of its own, and has only the rights of its policy.

mod authorization;
mod blob;
mod cors;
mod objects;
mod operations;
mod transfer;

use std::path::PathBuf;

use aws_config::SdkConfig;
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use axum::{Router, middleware};
use s3s::HttpError;
use s3s::auth::{SecretKey, SimpleAuth};
use s3s::service::S3ServiceBuilder;

use super::{ACCESS_KEY, SECRET_KEY};
use crate::StartError;
use crate::template::{CorsRule, Function};
use authorization::Authorizer;
use cors::Cors;
use objects::Objects;
use operations::EmbeddedBucket;

pub(crate) use authorization::S3Policies;

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
    /// What the functions may do.
    pub(crate) policies: S3Policies,
}

impl S3Options {
    /// Creates the router of an S3 with these settings.
    pub(super) fn router(self) -> Result<Router, StartError> {
        let objects = Objects::open(self.folder).map_err(StartError::Data)?;
        let mut auth = SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY);
        for access_key in self.policies.access_keys() {
            auth.register(access_key.to_owned(), SecretKey::from(SECRET_KEY));
        }
        let authorizer = Authorizer::new(self.bucket.clone(), self.policies);
        let bucket = EmbeddedBucket::new(self.bucket, objects, authorizer.clone());
        let mut service = S3ServiceBuilder::new(bucket);
        service.set_auth(auth);
        service.set_access(authorizer);
        let service = HandleError::new(service.build(), internal_error);
        let cors = Cors::new(self.cors, self.origin);
        Ok(Router::new()
            .fallback_service(service)
            .layer(middleware::from_fn_with_state(cors, cors::apply)))
    }
}

/// Returns settings with which S3's client signs requests and URLs as a function. With them, the embedded S3 allows
/// only what the function's policy allows. An external S3 knows no functions.
pub(crate) fn s3_sdk_of_function(sdk: &SdkConfig, function: &Function) -> SdkConfig {
    let access_key = authorization::access_key_of(function);
    let credentials = Credentials::new(access_key, SECRET_KEY, None, None, "local");
    let provider = SharedCredentialsProvider::new(credentials);
    sdk.to_builder().credentials_provider(provider).build()
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
