//! Settings of the AWS SDK, and what its failures look like in the log.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::environment::{
    EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider,
};
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::config::{SharedCredentialsProvider, StalledStreamProtectionConfig};
use aws_types::origin::Origin;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::https::HttpsClient;

pub(crate) use ::dynamo::describe_failure;

/// Reads the AWS SDK's settings from the environment. `AWS_ENDPOINT_URL_<SERVICE>` redirects a service.
///
/// Region and credentials come from the variables that Lambda sets. `aws_config::defaults` would also look for other
/// sources (profiles, web identities, the instance), and their code would be part of every function.
pub async fn sdk_config(https: HttpsClient) -> SdkConfig {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let mut settings = SdkConfig::builder();
    // Without it, the client of DynamoDB would make a fourth attempt.
    settings.insert_origin("retry_config", Origin::shared_config());
    settings
        .behavior_version(BehaviorVersion::latest())
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .service_config(ServiceVariables::from_environment())
        .http_client(https)
        .retry_config(retry_config())
        .timeout_config(timeout_config())
        .build()
}

/// Creates a client of DynamoDB. It does not watch for stalled streams, which takes timers and wrappers for the bodies
/// of each call. The timeout of an attempt is over before the SDK would end a slow stream, which is after five seconds.
pub fn dynamodb_client(sdk: &SdkConfig) -> aws_sdk_dynamodb::Client {
    let config = aws_sdk_dynamodb::config::Builder::from(sdk)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    aws_sdk_dynamodb::Client::from_conf(config)
}

/// The variables of the environment that begin with `AWS_`, in which settings of single services are.
struct ServiceVariables(HashMap<String, String>);

impl ServiceVariables {
    fn from_environment() -> Self {
        Self(std::env::vars().filter(|(name, _)| name.starts_with("AWS_")).collect())
    }
}

impl fmt::Debug for ServiceVariables {
    // The credentials are among the variables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceVariables")
    }
}

impl LoadServiceConfig for ServiceVariables {
    /// Returns the value of a variable such as `AWS_ENDPOINT_URL_DYNAMODB`, or without one `AWS_ENDPOINT_URL`.
    /// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        let of_service = self.0.get(&format!("{}_{service}", key.env()));
        of_service.or_else(|| self.0.get(key.env())).cloned()
    }
}

/// Returns the retry settings: three attempts with exponential backoff and jitter. A fourth attempt
/// would not fit into the ten seconds that a function has.
pub fn retry_config() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50))
}

/// The timeout of a call to AWS with all of its attempts.
pub(crate) const OPERATION_TIMEOUT: Duration = Duration::from_secs(6);

/// Returns the timeouts of calls to AWS. DynamoDB answers within milliseconds, so an attempt without an
/// answer after two seconds is better repeated on another connection.
pub fn timeout_config() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(OPERATION_TIMEOUT)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_of_a_service_comes_before_that_of_all() {
        let variables = [("AWS_ENDPOINT_URL", "all"), ("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", "one")];
        let variables =
            ServiceVariables(variables.map(|(name, value)| (name.into(), value.into())).into());
        let load = |service: &str, env: &str| {
            let key =
                ServiceConfigKey::builder().service_id(service).env(env).profile("endpoint_url");
            variables.load_config(key.build().unwrap())
        };
        assert_eq!(load("DynamoDB Streams", "AWS_ENDPOINT_URL").as_deref(), Some("one"));
        assert_eq!(load("SES", "AWS_ENDPOINT_URL").as_deref(), Some("all"));
        assert_eq!(load("SES", "AWS_OTHER"), None);
    }
}
