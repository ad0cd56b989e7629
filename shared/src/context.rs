//! What every operation receives: the table, the secrets, the clock, randomness, configuration.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;

use crate::aws::dynamodb_client;
use crate::breached_passwords::BreachedPasswords;
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::config::Config;
use crate::dynamo::{Environment, Table};
use crate::error::{Error, Result};
use crate::event_clock::{EventClock, EventTime};
use crate::https::HttpsClient;
use crate::keys;
use crate::random::{Random, SystemRandom};
use crate::secrets::{KeyringCursorCipher, SecretSelection, Secrets};
use crate::switches::Switches;

/// The dependencies of an operation. Cheap to clone; a process has one.
///
/// Clients that only a few functions need (Stripe, S3, Google) are axum extensions instead.
#[derive(Clone)]
pub struct Context {
    /// The table in DynamoDB that stores everything.
    pub table: Table,
    /// The keys of the deployment, refreshed as they rotate.
    pub secrets: Arc<Secrets>,
    /// The configuration of the deployment.
    pub config: Arc<Config>,
    /// The passwords that are known from breaches, where the deployment checks new ones.
    pub breached_passwords: Option<BreachedPasswords>,
    /// The features that are switched off.
    pub switches: Arc<Switches>,
    /// The only source of randomness.
    pub random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
    event_clock: Arc<EventClock>,
}

impl Context {
    /// Creates the context of a function in the cloud from the environment. Opens the connection to DynamoDB while the
    /// secrets are read, so that the first request does not wait for it.
    ///
    /// # Errors
    /// `Internal` if a required variable is missing or a secret is invalid; `Unavailable` if
    /// Secrets Manager fails.
    pub async fn from_environment(https: &HttpsClient, sdk: &SdkConfig) -> Result<Self> {
        let config = Config::from_environment()?;
        let table = table(&config, sdk);
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let parts = Parts { config, https, sdk, clock, random };
        let missing_item = keys::missing_item();
        let (ctx, ()) = tokio::join!(
            Self::with_table(table.clone(), parts),
            table.open_connection(&missing_item),
        );
        ctx
    }

    /// Creates a context from its parts, and reads the secrets.
    ///
    /// # Errors
    /// `Internal` if a secret is invalid; `Unavailable` if Secrets Manager fails.
    pub async fn new(
        config: Config,
        https: &HttpsClient,
        sdk: &SdkConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self> {
        let table = table(&config, sdk);
        Self::with_table(table, Parts { config, https, sdk, clock, random }).await
    }

    async fn with_table(table: Table, parts: Parts<'_>) -> Result<Self> {
        let Parts { config, https, sdk, clock, random } = parts;
        let secrets = Secrets::load(
            aws_sdk_secretsmanager::Client::new(sdk),
            config.secret_ids.clone(),
            clock.clone(),
            config.secrets_timeout,
        )
        .await?;
        let breached_passwords = config.breached_passwords_url.clone();
        let breached_passwords =
            breached_passwords.map(|url| BreachedPasswords::new(https.clone(), url));
        Ok(Self {
            breached_passwords,
            switches: Arc::new(Switches::new(table.clone(), clock.clone())),
            table,
            secrets: Arc::new(secrets),
            config: Arc::new(config),
            random,
            clock,
            event_clock: Arc::default(),
        })
    }

    /// Returns the context of a function that reads fewer secrets, with a client of its own.
    #[must_use]
    pub fn restricted_to(
        &self,
        selection: SecretSelection,
        client: aws_sdk_secretsmanager::Client,
    ) -> Self {
        let secrets = Arc::new(self.secrets.restricted_to(selection, client));
        Self { secrets, ..self.clone() }
    }

    /// Returns the same context with another client of the table, which also reads the switches.
    #[must_use]
    pub fn with_table_client(self, table: Table) -> Self {
        let switches = Arc::new(Switches::new(table.clone(), self.clock.clone()));
        Self { table, switches, ..self }
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the current time for an event, which is later than that of every event before in this process.
    pub fn next_event_time(&self) -> EventTime {
        self.event_clock.next(&*self.clock)
    }
}

/// The parts of a context beside its table.
struct Parts<'a> {
    config: Config,
    https: &'a HttpsClient,
    sdk: &'a SdkConfig,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// Creates the table with a client of its own.
fn table(config: &Config, sdk: &SdkConfig) -> Table {
    Table::new(dynamodb_client(sdk), config.table_name.clone())
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
}
