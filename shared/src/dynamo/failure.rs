//! DynamoDB's failures as ours: what passes by itself, and what is a defect.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

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

pub(super) fn failure<E, R>(error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let code = error.code().unwrap_or_default();
    if code == "TransactionConflictException" {
        return Error::Conflict;
    }
    let defect = matches!(error, SdkError::ServiceError(_)) && !PASSING.contains(&code);
    if defect {
        return Error::internal(error);
    }
    if let SdkError::ConstructionFailure(_) = error {
        return Error::internal(error);
    }
    Error::Unavailable(error.into())
}
