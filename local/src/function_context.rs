//! The context of a function, with only its rights.

use aws_config::SdkConfig;
use shared::aws::dynamodb_client;
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::dynamo::Table;

use crate::aws::{RequestShapes, s3_sdk_of_function, sdk_of_function};
use crate::template::Function;

/// The parts of a stack from which the context of each function is made.
#[derive(Clone, Copy)]
pub(crate) struct FunctionContexts<'s> {
    /// The context of the stack, which may do everything.
    pub(crate) ctx: &'s Context,
    pub(crate) sdk: &'s SdkConfig,
    /// The name of the bucket with the contents of artifacts.
    pub(crate) bucket: &'s str,
    /// Records the requests of all functions.
    pub(crate) request_shapes: Option<&'s RequestShapes>,
}

impl FunctionContexts<'_> {
    /// Returns settings for the clients of a function except S3's. They have only the rights of its policy.
    pub(crate) fn sdk_of(&self, function: &Function) -> SdkConfig {
        sdk_of_function(self.sdk, function, self.request_shapes.cloned())
    }

    /// Returns the store of the contents of artifacts for a function. Its requests and URLs have only the rights of the
    /// function's policy.
    pub(crate) fn create_blob_store(&self, function: &Function) -> BlobStore {
        BlobStore::new(&s3_sdk_of_function(self.sdk, function), self.bucket.to_owned())
    }

    /// Returns the context of a function. As on Lambda, it has only the keys of the secrets that the function reads,
    /// and its table and Secrets Manager only allow what the function's policy allows.
    pub(crate) fn create(&self, function: &Function) -> Context {
        let sdk = self.sdk_of(function);
        let table_name = self.ctx.config.table_name.clone();
        let table = Table::new(dynamodb_client(&sdk), table_name);
        let secrets_manager = aws_sdk_secretsmanager::Client::new(&sdk);
        self.ctx.restricted_to(function.secrets, secrets_manager).with_table_client(table)
    }
}
