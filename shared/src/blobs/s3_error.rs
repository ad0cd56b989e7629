//! Converts errors of S3: temporary failures become `Unavailable`, and all others internal errors.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::aws::describe_failure;
use crate::error::Error;

/// Error codes of S3 for temporary failures, which the SDK has already retried.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
const TEMPORARY_ERRORS: [&str; 6] = [
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "ThrottlingException",
];

pub(super) fn to_error<E: ProvideErrorMetadata>(error: SdkError<E>) -> Error {
    let what = describe_failure("S3", &error);
    let is_refused = matches!(error, SdkError::ServiceError(_));
    // What stands in front of S3 answers without its codes.
    let is_of_server = error.raw_response().is_some_and(|answer| answer.status().is_server_error());
    let is_temporary = is_of_server || TEMPORARY_ERRORS.contains(&error.code().unwrap_or_default());
    let is_internal =
        is_refused && !is_temporary || matches!(error, SdkError::ConstructionFailure(_));
    if is_internal { Error::internal(what) } else { Error::Unavailable(what.into()) }
}
