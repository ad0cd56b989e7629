//! Settings of the AWS SDK, and what its failures look like in the log.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

use crate::https::HttpsClient;

pub(crate) use ::dynamo::describe_failure;

/// Reads the AWS SDK's settings from the environment. `AWS_ENDPOINT_URL_<SERVICE>` redirects a service.
///
/// Region and credentials come from the variables that Lambda sets. Asking for other sources (profiles, web identities,
/// the instance) would take a tenth of the time that a function needs to start.
pub async fn sdk_config(https: HttpsClient) -> SdkConfig {
    let settings = aws_config::defaults(BehaviorVersion::latest())
        .region(EnvironmentVariableRegionProvider::new())
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .http_client(https);
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

/// A client of an AWS service that is created by its first use. Creating one takes about as long as a call, and most
/// invocations of a function use only some of its clients. Clones share the client.
pub(crate) struct LazyClient<C>(Arc<Lazy<C>>);

struct Lazy<C> {
    sdk: SdkConfig,
    create: fn(&SdkConfig) -> C,
    client: OnceLock<C>,
}

impl<C> LazyClient<C> {
    /// Prepares a client that `create` creates.
    pub(crate) fn new(sdk: &SdkConfig, create: fn(&SdkConfig) -> C) -> Self {
        Self(Arc::new(Lazy { sdk: sdk.clone(), create, client: OnceLock::new() }))
    }

    /// Returns the client.
    pub(crate) fn get(&self) -> &C {
        self.0.client.get_or_init(|| (self.0.create)(&self.0.sdk))
    }
}

impl<C> Clone for LazyClient<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C> fmt::Debug for LazyClient<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LazyClient")
    }
}
