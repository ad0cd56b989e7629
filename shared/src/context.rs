//! What every operation is given: the table, the secrets, the clock, randomness, configuration.

use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::config::Config;
use crate::dynamo::{Environment, Table};
use crate::error::{Error, Result};
use crate::google::Provider;
use crate::random::{Random, SystemRandom};
use crate::secrets::{KeyringCursorCipher, Secrets};

/// Cheap to clone; one for the life of the process.
#[derive(Clone)]
pub struct Context {
    /// The one table.
    pub table: Table,
    /// Keys, refreshed as they rotate.
    pub secrets: Arc<Secrets>,
    /// What the deployment decided.
    pub config: Arc<Config>,
    /// Who signs people in besides the service itself; asked when it is first needed.
    pub google: Arc<Provider>,
    /// Randomness; nothing else may make any.
    pub random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
}

impl Context {
    /// The context of a function in the cloud: everything from its environment.
    pub async fn from_environment() -> Result<Self> {
        let config = Config::from_environment()?;
        Self::new(config, &sdk_config().await, Arc::new(SystemClock), Arc::new(SystemRandom)).await
    }

    /// A context of given parts; reads the secrets.
    pub async fn new(
        config: Config,
        sdk: &SdkConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self> {
        let secrets = Secrets::load(
            aws_sdk_secretsmanager::Client::new(sdk),
            config.secret_id.clone(),
            clock.clone(),
        )
        .await?;
        Ok(Self {
            table: Table::new(aws_sdk_dynamodb::Client::new(sdk), config.table_name.clone()),
            secrets: Arc::new(secrets),
            google: Arc::new(Provider::new(config.google_issuer.clone())),
            config: Arc::new(config),
            random,
            clock,
        })
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Environment for Context {
    type Error = Error;
    type Cipher = KeyringCursorCipher;

    fn table(&self) -> &Table {
        &self.table
    }

    fn jitter(&self, limit: Duration) -> Duration {
        self.random.jitter(limit)
    }

    async fn cursor_cipher(&self) -> KeyringCursorCipher {
        KeyringCursorCipher::new(self.secrets.keyring().await, self.random.clone())
    }

    fn is_conflict(error: &Error) -> bool {
        matches!(error, Error::Conflict)
    }
}

/// The AWS SDK's settings from the environment. `AWS_ENDPOINT_URL_<SERVICE>` points a service
/// elsewhere.
pub async fn sdk_config() -> SdkConfig {
    let settings = aws_config::defaults(BehaviorVersion::latest());
    settings.retry_config(retries()).timeout_config(timeouts()).load().await
}

/// Three tries with growing, random waits; a fourth would come too late for the function's ten
/// seconds.
pub fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3).with_initial_backoff(Duration::from_millis(50))
}

/// DynamoDB answers in milliseconds: what takes seconds is lost, and worth another connection.
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(6))
        .build()
}
