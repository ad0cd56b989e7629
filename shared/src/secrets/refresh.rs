//! Reads the secrets and keeps a copy in memory, which is refreshed.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::Keyring;
use crate::aws::describe_failure;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};

/// Age at which the copy in memory is read again. A rotated key is in use everywhere after this time.
pub const REFRESH_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// Time until the next attempt after a failed refresh. The old copy stays in use meanwhile.
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

/// The secrets, refreshed from Secrets Manager.
pub struct Secrets {
    client: aws_sdk_secretsmanager::Client,
    secret_id: String,
    clock: Arc<dyn Clock>,
    current: RwLock<Current>,
    refreshing: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Current {
    keyring: Arc<Keyring>,
    refresh_at: Timestamp,
}

impl Secrets {
    /// Reads the secret.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`] if Secrets Manager does not return the secret.
    /// * An internal error if the secret is invalid.
    pub async fn load(
        client: aws_sdk_secretsmanager::Client,
        secret_id: String,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let keyring = Arc::new(fetch(&client, &secret_id).await?);
        let current = Current { keyring, refresh_at: clock.now().plus(REFRESH_INTERVAL) };
        let refreshing = tokio::sync::Mutex::default();
        Ok(Self { client, secret_id, clock, current: RwLock::new(current), refreshing })
    }

    /// Returns the current keys. Calls Secrets Manager once in [`REFRESH_INTERVAL`]. Never fails: while Secrets Manager
    /// is unavailable, the previous keys stay in use.
    pub async fn keyring(&self) -> Arc<Keyring> {
        let now = self.clock.now();
        let current = self.current();
        if now < current.refresh_at {
            return current.keyring;
        }
        // One caller refreshes and the others wait, so that all parts of a request use the same keys.
        let _guard = self.refreshing.lock().await;
        let current = self.current();
        if now < current.refresh_at {
            return current.keyring;
        }
        let fresh = match fetch(&self.client, &self.secret_id).await {
            Ok(keyring) => {
                Current { keyring: Arc::new(keyring), refresh_at: now.plus(REFRESH_INTERVAL) }
            }
            Err(error) => {
                tracing::error!(cause = ?error, "secrets not refreshed, the previous ones stay in use");
                Current { refresh_at: now.plus(RETRY_INTERVAL), ..current }
            }
        };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        fresh.keyring
    }

    fn current(&self) -> Current {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn fetch(client: &aws_sdk_secretsmanager::Client, secret_id: &str) -> Result<Keyring> {
    let response =
        client.get_secret_value().secret_id(secret_id).send().await.map_err(|error| {
            Error::Unavailable(describe_failure("Secrets Manager", &error).into())
        })?;
    let json =
        response.secret_string().ok_or_else(|| Error::internal("the secret holds no text"))?;
    Keyring::parse(json)
}
