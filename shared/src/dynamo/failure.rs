//! DynamoDB's failures as ours: what passes by itself, and what is a defect.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::aws::describe_failure;
use crate::error::Error;

/// What DynamoDB says when it can't serve just now. The SDK has retried these already.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const PASSING: [&str; 7] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionInProgressException",
];

pub(super) fn failure<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> Error {
    let code = error.code().unwrap_or_default();
    if code == "TransactionConflictException" {
        return Error::Conflict;
    }
    let what = describe_failure("DynamoDB", &error);
    if matches!(error, SdkError::ServiceError(_)) && !PASSING.contains(&code) {
        // A defect of ours: DynamoDB's text says which, and quotes no values.
        return Error::internal(format!("{what}: {}", error.message().unwrap_or_default()));
    }
    if matches!(error, SdkError::ConstructionFailure(_)) {
        return Error::internal(what);
    }
    Error::Unavailable(what.into())
}
