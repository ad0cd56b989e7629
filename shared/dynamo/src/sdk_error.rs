//! Classifies the failures of the AWS SDK.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use crate::error::Error;

/// Codes of failures that pass by themselves. The SDK has retried these already.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const TRANSIENT_CODES: [&str; 7] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionInProgressException",
];

/// Converts a failed call to DynamoDB.
pub(crate) fn failure<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> Error {
    let code = error.code().unwrap_or_default();
    if code == "TransactionConflictException" {
        return Error::Conflict;
    }
    let what = describe_sdk_error("DynamoDB", &error);
    if matches!(error, SdkError::ServiceError(_)) && !TRANSIENT_CODES.contains(&code) {
        // A defect of this service. DynamoDB's text says which, and quotes no values.
        return Error::internal(format!("{what}: {}", error.message().unwrap_or_default()));
    }
    if matches!(error, SdkError::ConstructionFailure(_)) {
        return Error::internal(what);
    }
    Error::unavailable(what)
}

/// Describes a failed call to an AWS service for the log: the service, the kind of failure and the
/// service's code.
///
/// The text of the service is left out: the SDK's `Debug` prints whole responses, and messages of SES
/// name the recipient.
pub fn describe_sdk_error<E: ProvideErrorMetadata, R>(
    service: &str,
    error: &SdkError<E, R>,
) -> String {
    match error {
        SdkError::ServiceError(_) => {
            format!("{service} answered {}", error.code().unwrap_or("an error without a code"))
        }
        SdkError::TimeoutError(_) => format!("{service} took too long"),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            format!("{service} took too long to connect to")
        }
        SdkError::DispatchFailure(_) => format!("{service} could not be reached"),
        SdkError::ResponseError(_) => format!("{service} answered what makes no sense"),
        SdkError::ConstructionFailure(_) | _ => format!("{service} could not be asked"),
    }
}
