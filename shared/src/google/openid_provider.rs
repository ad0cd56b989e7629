//! The OpenID provider: its metadata (endpoints and signing keys) is fetched on first use and cached.

use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::CoreProviderMetadata;
use openidconnect::{DiscoveryError, IssuerUrl};

use super::http::HttpClient;
use crate::clock::Timestamp;
use crate::config;
use crate::error::{Error, Result};
use crate::https::{HttpsClient, HttpsError};

pub(super) type ProviderMetadata = CoreProviderMetadata;

/// Lifetime of the cached metadata. Google's `Cache-Control` headers allow about an hour.
const METADATA_TTL: Duration = Duration::from_secs(60 * 60);

/// Minimum time between two fetches of the metadata. A token with an unknown key causes a fetch, so this
/// limits the fetches that forged tokens can cause.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(60);

/// Timeout for all requests to the provider together. The request that waits for them has ten seconds.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(7);

/// The OpenID provider of this deployment: Google in production, a simulator on the local stack. Creating
/// one sends no request.
#[derive(Debug)]
pub struct OpenIdProvider {
    issuer: String,
    http: HttpClient,
    cached: tokio::sync::Mutex<Option<CachedMetadata>>,
}

#[derive(Clone, Debug)]
struct CachedMetadata {
    metadata: Arc<ProviderMetadata>,
    fetched_at: Timestamp,
}

impl OpenIdProvider {
    /// Creates a provider with the given issuer. Every token must contain exactly this issuer.
    pub fn new(https: HttpsClient, issuer: String) -> Self {
        Self { issuer, http: HttpClient::new(https), cached: tokio::sync::Mutex::default() }
    }

    /// Creates the provider that `GOOGLE_ISSUER` names, Google unless it is set.
    pub fn from_environment(https: HttpsClient) -> Self {
        Self::new(https, config::google_issuer())
    }

    /// Returns the metadata, at most one hour old.
    pub(super) async fn metadata(&self, now: Timestamp) -> Result<Arc<ProviderMetadata>> {
        self.metadata_no_older_than(METADATA_TTL, now).await
    }

    /// Returns the metadata, at most one minute old.
    pub(super) async fn fresh_metadata(&self, now: Timestamp) -> Result<Arc<ProviderMetadata>> {
        self.metadata_no_older_than(MIN_REFRESH_INTERVAL, now).await
    }

    async fn metadata_no_older_than(
        &self,
        max_age: Duration,
        now: Timestamp,
    ) -> Result<Arc<ProviderMetadata>> {
        // The lock makes concurrent requests wait for one fetch.
        let mut cached = self.cached.lock().await;
        if let Some(cached) = cached.as_ref().filter(|cached| now < cached.fetched_at.plus(max_age))
        {
            return Ok(cached.metadata.clone());
        }
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(Error::internal)?;
        let metadata =
            ProviderMetadata::discover_async(issuer, &self.http).await.map_err(unavailable)?;
        let metadata = Arc::new(metadata);
        *cached = Some(CachedMetadata { metadata: metadata.clone(), fetched_at: now });
        Ok(metadata)
    }

    pub(super) fn http(&self) -> &HttpClient {
        &self.http
    }
}

/// Runs requests to the provider. Returns [`Error::Unavailable`] after [`PROVIDER_TIMEOUT`].
pub(super) async fn with_timeout<T>(requests: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(PROVIDER_TIMEOUT, requests).await {
        Ok(result) => result,
        Err(_) => Err(Error::Unavailable("the OpenID provider timed out".into())),
    }
}

/// Describes a failed discovery for the log, without quoting the response.
fn unavailable(error: DiscoveryError<HttpsError>) -> Error {
    match error {
        DiscoveryError::Request(error) => Error::Unavailable(Box::new(error)),
        DiscoveryError::Response(status, _, _) => {
            Error::Unavailable(format!("the OpenID provider answers {status}").into())
        }
        DiscoveryError::Validation(why) => {
            Error::Unavailable(format!("the OpenID provider has invalid metadata: {why}").into())
        }
        DiscoveryError::Other(_) | DiscoveryError::Parse(_) | DiscoveryError::UrlParse(_) | _ => {
            Error::Unavailable("the OpenID provider sent an unreadable response".into())
        }
    }
}
