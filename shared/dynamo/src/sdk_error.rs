//! Classifies the failures of the AWS SDK.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::attempt_error::AttemptError;
use crate::error::Error;

/// Codes of failures that pass by themselves. The SDK has retried these already.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const TRANSIENT_CODES: [&str; 8] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// Converts a failed write. A transaction that is changing the item is a conflict.
pub(crate) fn write_failure<E, A, R>(error: SdkError<E, R>) -> AttemptError<A>
where
    E: ProvideErrorMetadata,
    A: From<Error>,
{
    if error.code() == Some("TransactionConflictException") {
        return AttemptError::Conflict;
    }
    failure(error).into()
}

/// Converts a failed call to DynamoDB.
pub(crate) fn failure<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> Error {
    let code = error.code().unwrap_or_default();
    let what = describe_failure("DynamoDB", &error);
    if matches!(error, SdkError::ServiceError(_)) && !TRANSIENT_CODES.contains(&code) {
        // A defect of this service. DynamoDB's text says which, and quotes no values.
        return Error::internal(format!("{what}: {}", error.message().unwrap_or_default()));
    }
    if matches!(error, SdkError::ConstructionFailure(_)) {
        return Error::internal(what);
    }
    Error::unavailable(what)
}

/// Describes a failed AWS call for the log: the service, the kind of failure and the service's code.
///
/// The SDK's `Debug` prints whole responses, and the messages of SES name the recipient, so neither
/// belongs in the log.
pub fn describe_failure<E: ProvideErrorMetadata, R>(
    service: &str,
    error: &SdkError<E, R>,
) -> String {
    match error {
        SdkError::ServiceError(_) => {
            format!("{service} answered {}", error.code().unwrap_or("an error without a code"))
        }
        SdkError::TimeoutError(_) => format!("{service} timed out"),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            format!("connecting to {service} timed out")
        }
        SdkError::DispatchFailure(_) => format!("{service} could not be reached"),
        SdkError::ResponseError(_) => format!("{service} sent an invalid response"),
        SdkError::ConstructionFailure(_) | _ => {
            format!("the request to {service} could not be built")
        }
    }
}
