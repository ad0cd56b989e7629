//! Settings of the AWS SDK, and what its failures look like in the log.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Reads the AWS SDK's settings from the environment. `AWS_ENDPOINT_URL_<SERVICE>` redirects a service.
pub async fn sdk_config() -> SdkConfig {
    let settings = aws_config::defaults(BehaviorVersion::latest());
    settings.retry_config(retry_config()).timeout_config(timeout_config()).load().await
}

/// Returns the retry settings: three attempts with exponential backoff and jitter. A fourth attempt
/// would not fit into the ten seconds that a function has.
pub fn retry_config() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50))
}

/// Returns the timeouts of calls to AWS. DynamoDB answers within milliseconds, so an attempt without an
/// answer after two seconds is better repeated on another connection.
pub fn timeout_config() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(6))
        .build()
}

/// Describes a failed AWS call for the log: the service, the kind of failure and the service's code.
///
/// The SDK's `Debug` prints whole responses, and the messages of SES name the recipient, so neither
/// belongs in the log.
pub(crate) fn describe_failure<E: ProvideErrorMetadata, R>(
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
