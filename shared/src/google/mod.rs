//! Google, as an OpenID provider: somebody is sent there, comes back with a code, and the code is
//! exchanged for an ID token that says who they are. What that means here is up to
//! [`accounts`](crate::accounts).

mod authorize;
mod exchange;
mod flow;
mod http;
mod identity;
mod provider;

use openidconnect::core::CoreClient;
use openidconnect::{ClientId, ClientSecret, RedirectUrl};
use openidconnect::{EndpointMaybeSet, EndpointNotSet, EndpointSet};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::secrets::GoogleCredentials;
use crate::throttle::{self, Throttle};

pub use authorize::{AuthorizationParams, Departure, authorize};
pub use exchange::exchange;
pub use flow::{Flow, LIFETIME};
pub use identity::Identity;
pub use provider::Provider;

/// The client as the provider's own words describe its endpoints.
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Both calls, together.
const THROTTLE: Throttle = throttle::unauthenticated("google");

/// Who we are at Google. [`Error::GoogleNotSetUp`] where the deployment has no client there.
async fn client_of_ours(ctx: &Context) -> Result<GoogleCredentials> {
    ctx.secrets.keyring().await.google.clone().ok_or(Error::GoogleNotSetUp)
}

fn client(
    ctx: &Context,
    metadata: &provider::Metadata,
    ours: &GoogleCredentials,
) -> Result<Client> {
    let id = ClientId::new(ours.client_id.clone());
    let secret = ClientSecret::new(ours.client_secret.to_string());
    // Never from a request: `Host` is whatever a caller likes.
    let back = format!("{}/api/v1/auth/google/callback", ctx.config.base_url);
    let back = RedirectUrl::new(back).map_err(Error::internal)?;
    let client = CoreClient::from_provider_metadata(metadata.clone(), id, Some(secret));
    Ok(client.set_redirect_uri(back))
}
