//! What the provider says of itself: where it answers, and which keys it signs with. Asked when it is
//! first needed, and kept for an hour.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use openidconnect::core::CoreProviderMetadata;
use openidconnect::{DiscoveryError, IssuerUrl};

use super::http::{HttpClient, HttpError};
use crate::clock::Timestamp;
use crate::config;
use crate::error::{Error, Result};

pub(super) type Metadata = CoreProviderMetadata;

/// How long Google lets both documents be kept, within what it changes from hour to hour.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// A token with an unknown key makes us ask again; made-up tokens don't make us ask more often.
const ASKED_EVERY: Duration = Duration::from_secs(60);

/// All that a request waits for at the provider, together: it has ten seconds itself.
const PATIENCE: Duration = Duration::from_secs(7);

/// The OpenID provider of this deployment: Google, unless somebody tries the service out. Making one
/// asks nobody.
#[derive(Debug)]
pub struct Provider {
    issuer: String,
    http: OnceLock<HttpClient>,
    known: tokio::sync::Mutex<Option<Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    metadata: Arc<Metadata>,
    asked_at: Timestamp,
}

impl Provider {
    /// The provider with that issuer, which every token has to name to the letter.
    pub fn new(issuer: String) -> Self {
        Self { issuer, http: OnceLock::new(), known: tokio::sync::Mutex::default() }
    }

    /// Creates the provider that `GOOGLE_ISSUER` names, Google unless it is set.
    pub fn from_environment() -> Self {
        Self::new(config::google_issuer())
    }

    /// What it says of itself, as of the last hour.
    pub(super) async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>> {
        self.not_older_than(KEPT, now).await
    }

    /// The same, as of the last minute.
    pub(super) async fn fresh_metadata(&self, now: Timestamp) -> Result<Arc<Metadata>> {
        self.not_older_than(ASKED_EVERY, now).await
    }

    async fn not_older_than(&self, age: Duration, now: Timestamp) -> Result<Arc<Metadata>> {
        // One asks, the others wait for the answer.
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| now < known.asked_at.plus(age)) {
            return Ok(known.metadata.clone());
        }
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(Error::internal)?;
        let metadata = Metadata::discover_async(issuer, self.http()?).await.map_err(unavailable)?;
        let metadata = Arc::new(metadata);
        *known = Some(Known { metadata: metadata.clone(), asked_at: now });
        Ok(metadata)
    }

    pub(super) fn http(&self) -> Result<&HttpClient> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = HttpClient::new().map_err(Error::internal)?;
        Ok(self.http.get_or_init(|| http))
    }
}

/// Runs what asks the provider; what takes too long is [`Error::Unavailable`].
pub(super) async fn patiently<T>(asking: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(asked) => asked,
        Err(_) => Err(Error::Unavailable("the OpenID provider takes too long".into())),
    }
}

/// For the log: what failed, without quoting the answer.
fn unavailable(error: DiscoveryError<HttpError>) -> Error {
    match error {
        DiscoveryError::Request(error) => Error::Unavailable(Box::new(error)),
        DiscoveryError::Response(status, _, _) => {
            Error::Unavailable(format!("the OpenID provider answers {status}").into())
        }
        DiscoveryError::Validation(why) => {
            Error::Unavailable(format!("the OpenID provider contradicts itself: {why}").into())
        }
        DiscoveryError::Other(_) | DiscoveryError::Parse(_) | DiscoveryError::UrlParse(_) | _ => {
            Error::Unavailable("the OpenID provider can't be understood".into())
        }
    }
}
