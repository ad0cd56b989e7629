//! Reads the secrets and keeps a copy in memory, which is refreshed.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::{Keyring, PerSecret, SecretSelection};
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
    ids: PerSecret<String>,
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
    /// Reads the secrets, all at once.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`] if Secrets Manager does not return a secret.
    /// * An internal error if a secret is invalid.
    pub async fn load(
        client: aws_sdk_secretsmanager::Client,
        ids: PerSecret<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let keyring = Arc::new(fetch(&client, &ids).await?);
        let current = Current { keyring, refresh_at: clock.now().plus(REFRESH_INTERVAL) };
        let refreshing = tokio::sync::Mutex::default();
        Ok(Self { client, ids, clock, current: RwLock::new(current), refreshing })
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
        let fresh = match fetch(&self.client, &self.ids).await {
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

    /// Returns the secrets of a function that reads fewer of them. They have the current keys, and are refreshed on
    /// their own.
    #[must_use]
    pub fn restricted_to(&self, selection: SecretSelection) -> Self {
        let Current { keyring, refresh_at } = self.current();
        let keyring = Arc::new(Keyring::clone(&keyring).restricted_to(selection));
        Self {
            client: self.client.clone(),
            ids: self.ids.clone().restricted_to(selection),
            clock: self.clock.clone(),
            current: RwLock::new(Current { keyring, refresh_at }),
            refreshing: tokio::sync::Mutex::default(),
        }
    }

    fn current(&self) -> Current {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn fetch(
    client: &aws_sdk_secretsmanager::Client,
    ids: &PerSecret<String>,
) -> Result<Keyring> {
    let PerSecret { storage, session, account, google, stripe } = ids;
    // Boxed, because the future of a call of the SDK is large.
    let read = |id: String| Box::pin(async move { read_document(client, &id).await });
    let read_if_any = |id: &Option<String>| {
        let reading = id.clone().map(read);
        async move {
            match reading {
                Some(reading) => reading.await.map(Some),
                None => Ok(None),
            }
        }
    };
    let (storage, session, account, google, stripe) = tokio::try_join!(
        read(storage.clone()),
        read_if_any(session),
        read_if_any(account),
        read_if_any(google),
        read_if_any(stripe),
    )?;
    Keyring::parse(&PerSecret { storage, session, account, google, stripe })
}

async fn read_document(client: &aws_sdk_secretsmanager::Client, id: &str) -> Result<String> {
    let response =
        client.get_secret_value().secret_id(id).send().await.map_err(|error| {
            Error::Unavailable(describe_failure("Secrets Manager", &error).into())
        })?;
    let json = response.secret_string().ok_or_else(|| Error::internal("a secret holds no text"))?;
    Ok(json.to_owned())
}
