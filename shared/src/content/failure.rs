//! S3's failures as ours: what passes by itself, and what is a defect.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::dynamo::describe_sdk_error;
use crate::error::Error;

/// What S3 says when it can't serve just now. The SDK has retried these already.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
const PASSING: [&str; 6] = [
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "ThrottlingException",
];

pub(super) fn failure<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> Error {
    let what = describe_sdk_error("S3", &error);
    let is_refused = matches!(error, SdkError::ServiceError(_));
    let is_passing = PASSING.contains(&error.code().unwrap_or_default());
    let is_ours = is_refused && !is_passing || matches!(error, SdkError::ConstructionFailure(_));
    if is_ours { Error::internal(what) } else { Error::Unavailable(what.into()) }
}
