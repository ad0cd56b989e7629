//! Reads the secrets and keeps a copy in memory, which is refreshed.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_sdk_secretsmanager::operation::batch_get_secret_value::BatchGetSecretValueOutput;
use futures_util::FutureExt;
use tracing::Instrument;

use super::{Keyring, PerSecret, SecretSelection};
use crate::aws::{OPERATION_TIMEOUT, describe_failure};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};

/// Age at which the copy in memory is read again.
pub const REFRESH_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// Age of the copy in memory from which a request waits until the refresh has ended. Unless Secrets Manager fails,
/// every function knows a rotated key after this time.
const MAX_AGE: Duration = REFRESH_INTERVAL.saturating_mul(2);

/// Time until the next attempt after a failed refresh. The old copy stays in use meanwhile.
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

/// Longest time that a request in the cloud waits for a refresh while the copy is younger than ten minutes. A slower
/// refresh goes on in the background, within the timeout of the SDK's operations.
pub const REFRESH_TIMEOUT: Duration = Duration::from_millis(500);

/// A refresh that took longer was interrupted: Lambda freezes a function between invocations. Afterwards the call has
/// timed out, which tells nothing about Secrets Manager.
const MAX_REFRESH_DURATION: Duration = OPERATION_TIMEOUT.saturating_mul(2);

/// The secrets, refreshed from Secrets Manager.
pub struct Secrets {
    client: aws_sdk_secretsmanager::Client,
    ids: PerSecret<String>,
    clock: Arc<dyn Clock>,
    current: Arc<RwLock<Current>>,
    refreshing: Arc<tokio::sync::Mutex<()>>,
    /// Longest time that a caller waits for a refresh of a copy younger than [`MAX_AGE`].
    refresh_timeout: Duration,
}

/// The copy in memory.
#[derive(Clone)]
struct Current {
    keyring: Arc<Keyring>,
    /// When the call that read it began.
    read_at: Timestamp,
    refresh_at: Timestamp,
}

impl Current {
    fn new(keyring: Keyring, read_at: Timestamp) -> Self {
        Self { keyring: Arc::new(keyring), read_at, refresh_at: read_at.plus(REFRESH_INTERVAL) }
    }
}

impl Secrets {
    /// Reads the secrets. Later a caller waits for a refresh for `refresh_timeout`, which is [`REFRESH_TIMEOUT`] in the
    /// cloud.
    ///
    /// # Errors
    ///
    /// * [`Error::Unavailable`] if Secrets Manager does not return a secret.
    /// * An internal error if a secret is invalid.
    pub async fn load(
        client: aws_sdk_secretsmanager::Client,
        ids: PerSecret<String>,
        clock: Arc<dyn Clock>,
        refresh_timeout: Duration,
    ) -> Result<Self> {
        let now = clock.now();
        let current = Current::new(fetch(&client, &ids).await?, now);
        Ok(Self::with_current(client, ids, clock, current, refresh_timeout))
    }

    fn with_current(
        client: aws_sdk_secretsmanager::Client,
        ids: PerSecret<String>,
        clock: Arc<dyn Clock>,
        current: Current,
        refresh_timeout: Duration,
    ) -> Self {
        let current = Arc::new(RwLock::new(current));
        Self { client, ids, clock, current, refreshing: Arc::default(), refresh_timeout }
    }

    /// Returns the current keys. Calls Secrets Manager once in [`REFRESH_INTERVAL`]. Waits for it for the timeout of
    /// [`Secrets::load`], or for the whole call if the keys are older than twice the interval. Never fails: while
    /// Secrets Manager is unavailable, the previous keys stay in use.
    pub async fn keyring(&self) -> Arc<Keyring> {
        let now = self.clock.now();
        let current = read(&self.current);
        if now < current.refresh_at {
            return current.keyring;
        }
        let refresh = self.refresh(now);
        if now >= current.read_at.plus(MAX_AGE) {
            refresh.await;
        } else if tokio::time::timeout(self.refresh_timeout, refresh).await.is_err() {
            self.postpone(now);
        }
        read(&self.current).keyring
    }

    /// Reads the secrets again, in a task of its own: it goes on if the caller stops waiting. One caller starts the
    /// task and the others wait. If it ends in time, all parts of a request use the same keys.
    async fn refresh(&self, now: Timestamp) {
        let guard = self.refreshing.clone().lock_owned().await;
        let previous = read(&self.current);
        if now < previous.refresh_at {
            return;
        }
        let (client, ids) = (self.client.clone(), self.ids.clone());
        let (clock, current) = (self.clock.clone(), self.current.clone());
        let refresh = async move {
            let fetched = AssertUnwindSafe(fetch(&client, &ids)).catch_unwind().await;
            let fetched =
                fetched.unwrap_or_else(|_| Err(Error::internal("reading the secrets panicked")));
            let fresh = match fetched {
                Ok(keyring) => Current::new(keyring, now),
                Err(error) if clock.now() > now.plus(MAX_REFRESH_DURATION) => {
                    tracing::warn!(cause = ?error, "a refresh of the secrets was interrupted");
                    // It is due at once.
                    previous
                }
                Err(error) => {
                    tracing::error!(cause = ?error, "secrets not refreshed, the previous ones stay in use");
                    Current { refresh_at: now.plus(RETRY_INTERVAL), ..previous }
                }
            };
            write(&current, fresh);
            drop(guard);
        };
        // The task catches panics, so it only fails when the runtime shuts down.
        let _ = tokio::spawn(refresh.in_current_span()).await;
    }

    /// Lets callers use the previous keys without waiting, until the task has read the new ones, it is time for another
    /// attempt, or the keys are too old for that.
    fn postpone(&self, now: Timestamp) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.refresh_at <= now {
            current.refresh_at = now.plus(RETRY_INTERVAL).min(current.read_at.plus(MAX_AGE));
        }
    }

    /// Returns the secrets of a function that reads fewer of them. They have the current keys, and are refreshed on
    /// their own, with this client.
    #[must_use]
    pub fn restricted_to(
        &self,
        selection: SecretSelection,
        client: aws_sdk_secretsmanager::Client,
    ) -> Self {
        let current = read(&self.current);
        let keyring = Arc::new(Keyring::clone(&current.keyring).restricted_to(selection));
        let ids = self.ids.clone().restricted_to(selection);
        let current = Current { keyring, ..current };
        Self::with_current(client, ids, self.clock.clone(), current, self.refresh_timeout)
    }
}

fn read(current: &RwLock<Current>) -> Current {
    current.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn write(current: &RwLock<Current>, fresh: Current) {
    *current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
}

/// Reads the secrets in one call, so that a starting function opens one connection for all of them.
async fn fetch(
    client: &aws_sdk_secretsmanager::Client,
    ids: &PerSecret<String>,
) -> Result<Keyring> {
    let PerSecret { storage, session, account, signing, google, stripe } = ids;
    let optional = [session, account, signing, google, stripe].into_iter().flatten();
    let asked = std::iter::once(storage).chain(optional).cloned().collect();
    let request = client.batch_get_secret_value().set_secret_id_list(Some(asked));
    // Boxed, because the future of a call of the SDK is large.
    let answer = Box::pin(request.send())
        .await
        .map_err(|error| Error::Unavailable(describe_failure("Secrets Manager", &error).into()))?;
    let read = |id: &String| document(&answer, id);
    Keyring::parse(&PerSecret {
        storage: read(storage)?,
        session: session.as_ref().map(read).transpose()?,
        account: account.as_ref().map(read).transpose()?,
        signing: signing.as_ref().map(read).transpose()?,
        google: google.as_ref().map(read).transpose()?,
        stripe: stripe.as_ref().map(read).transpose()?,
    })
}

/// Returns the document of the secret with this ARN or name.
fn document(answer: &BatchGetSecretValueOutput, id: &str) -> Result<String> {
    let secret = answer
        .secret_values()
        .iter()
        .find(|secret| secret.arn() == Some(id) || secret.name() == Some(id));
    let Some(secret) = secret else {
        let refused = answer.errors().iter().find(|error| error.secret_id() == Some(id));
        let code = refused.and_then(|error| error.error_code()).unwrap_or("no answer");
        return Err(Error::Unavailable(format!("Secrets Manager: {code} for a secret").into()));
    };
    let json = secret.secret_string().ok_or_else(|| Error::internal("a secret holds no text"))?;
    Ok(json.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_secretsmanager::types::{ApiErrorType, SecretValueEntry};

    #[test]
    fn a_secret_is_found_by_arn_or_name() {
        let entry = |name: &str| {
            SecretValueEntry::builder().arn(format!("arn:{name}")).name(name).secret_string(name)
        };
        let refused = ApiErrorType::builder().secret_id("c").error_code("AccessDeniedException");
        let answer = BatchGetSecretValueOutput::builder()
            .secret_values(entry("a").build())
            .secret_values(entry("b").build())
            .errors(refused.build())
            .build();
        assert_eq!(document(&answer, "arn:b").unwrap(), "b");
        assert_eq!(document(&answer, "a").unwrap(), "a");
        let missing = document(&answer, "c").unwrap_err();
        assert!(format!("{missing:?}").contains("AccessDeniedException"), "{missing:?}");
        assert!(matches!(document(&answer, "d"), Err(Error::Unavailable(_))));
    }
}
