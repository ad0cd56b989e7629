//! The service's secrets: one JSON in Secrets Manager, read at start and again every five minutes.
//!
//! `{"seed":"…","session_keys":[…],"encryption_keys":[…],"peppers":[…]}`. Each list is optional and
//! means `[{"kid":"seed"}]` when absent; an entry without `secret` is derived from the seed. The
//! first entry of a list is used for new things, every entry still reads old ones: that is how a
//! key rotates without signing anybody out. `docs/DEPLOY.md` has the steps. Optional as well is
//! `"google":{"client_id","client_secret"}`: who the service is at Google.

mod cursor_cipher;
mod keyring;
mod mac;
mod seal;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::aws::describe_failure;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};

pub use cursor_cipher::KeyringCursorCipher;
pub use keyring::Keyring;
pub(crate) use keyring::{GoogleClient, Key};
pub use mac::Mac;
pub use seal::Sealed;

/// How old the copy in memory may get: a rotated key is in use everywhere after this.
pub const REFRESH_AFTER: Duration = Duration::from_secs(5 * 60);

/// After a failed refresh the old copy serves on, and the next try is this much later.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// The secrets as of the last reading.
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
    /// Reads the secret; fails when it isn't there or makes no sense, since nothing works without.
    pub async fn load(
        client: aws_sdk_secretsmanager::Client,
        secret_id: String,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let keyring = Arc::new(fetch(&client, &secret_id).await?);
        let current = Current { keyring, refresh_at: clock.now().plus(REFRESH_AFTER) };
        let refreshing = tokio::sync::Mutex::default();
        Ok(Self { client, secret_id, clock, current: RwLock::new(current), refreshing })
    }

    /// The keys to use now. Costs a call to Secrets Manager once in five minutes, and never fails:
    /// while Secrets Manager is down, the keys last read serve on.
    pub async fn keyring(&self) -> Arc<Keyring> {
        let now = self.clock.now();
        let current = self.current();
        if now < current.refresh_at {
            return current.keyring;
        }
        // One refreshes, the others wait: within one request all must use the same keys.
        let _guard = self.refreshing.lock().await;
        let current = self.current();
        if now < current.refresh_at {
            return current.keyring;
        }
        let fresh = match fetch(&self.client, &self.secret_id).await {
            Ok(keyring) => {
                Current { keyring: Arc::new(keyring), refresh_at: now.plus(REFRESH_AFTER) }
            }
            Err(error) => {
                tracing::error!(cause = ?error, "secrets not refreshed, the old ones serve on");
                Current { refresh_at: now.plus(RETRY_AFTER), ..current }
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
    let answer =
        client.get_secret_value().secret_id(secret_id).send().await.map_err(|error| {
            Error::Unavailable(describe_failure("Secrets Manager", &error).into())
        })?;
    let json = answer.secret_string().ok_or_else(|| Error::internal("the secret holds no text"))?;
    Keyring::parse(json)
}
