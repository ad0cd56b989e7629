//! Reads the secrets and keeps a copy in memory, which is refreshed.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_sdk_secretsmanager::operation::batch_get_secret_value::BatchGetSecretValueOutput;

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
    /// Reads the secrets.
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
