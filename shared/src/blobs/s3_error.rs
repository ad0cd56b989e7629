//! Converts errors of S3: temporary failures become `Unavailable`, and all others internal errors.
//!

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

pub(super) fn to_error<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> Error {
    let what = describe_failure("S3", &error);
    let is_refused = matches!(error, SdkError::ServiceError(_));
    let is_temporary = TEMPORARY_ERRORS.contains(&error.code().unwrap_or_default());
    let is_internal =
        is_refused && !is_temporary || matches!(error, SdkError::ConstructionFailure(_));
    if is_internal { Error::internal(what) } else { Error::Unavailable(what.into()) }
}
