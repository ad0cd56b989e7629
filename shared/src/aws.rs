//! Settings of the AWS SDK, and what its failures look like in the log.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

use crate::https::HttpsClient;

pub(crate) use ::dynamo::describe_failure;

/// Reads the AWS SDK's settings from the environment. `AWS_ENDPOINT_URL_<SERVICE>` redirects a service.
pub async fn sdk_config(https: HttpsClient) -> SdkConfig {
    let settings = aws_config::defaults(BehaviorVersion::latest()).http_client(https);
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
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(6))
        .build()
}
