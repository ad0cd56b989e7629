//! The settings that all clients of the embedded services have.

/// The AWS region of the embedded services.
pub(crate) const REGION: &str = "us-east-1";

/// The access key id of the stack, with which S3 allows everything. At S3, each function has one of its own.
pub(crate) const ACCESS_KEY: &str = "local";

/// The secret key of all access key ids. S3 verifies signatures with it. The other services accept any signature.
pub(crate) const SECRET_KEY: &str = "local";
