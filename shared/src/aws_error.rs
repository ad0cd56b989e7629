//! What an AWS call's failure was, in words fit for the log.
//!
//! The SDK's own `Debug` prints whole responses, and SES's messages name the recipient.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// What failed: the service, the kind, and the service's code, without any of its text.
pub(crate) fn describe<E: ProvideErrorMetadata, R>(
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
