//! Google as an OpenID provider. A browser is redirected to Google and returns with a code, which is
//! exchanged for an ID token with the user's identity. [`accounts`](crate::accounts) signs the user in.

mod authorize;
mod exchange;
mod failure;
mod google_identity;
mod http;
mod id_token;
mod openid_provider;
mod pending_authorization;

use openidconnect::{ClientId, ClientSecret, RedirectUrl};

use self::id_token::Client;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::secrets::GoogleCredentials;
use crate::throttle::Throttle;

pub use authorize::{AuthorizationParams, AuthorizationRedirect, authorize};
pub use exchange::exchange;
pub use failure::GoogleFailure;
pub use google_identity::GoogleIdentity;
pub use openid_provider::OpenIdProvider;
pub use pending_authorization::{
    AuthorizationPurpose, PENDING_AUTHORIZATION_TTL, PendingAuthorization,
};

/// Limits the redirects and the callbacks together.
const GOOGLE_SIGN_IN_THROTTLE: Throttle = Throttle::unauthenticated("google");

/// Returns our OAuth client id and secret, or [`Error::GoogleNotSetUp`] if the deployment has none.
async fn google_client(ctx: &Context) -> Result<GoogleCredentials> {
    ctx.secrets.keyring().await.google().cloned().ok_or(Error::GoogleNotSetUp)
}

fn client(
    ctx: &Context,
    metadata: &openid_provider::ProviderMetadata,
    ours: &GoogleCredentials,
) -> Result<Client> {
    let id = ClientId::new(ours.client_id.clone());
    let secret = ClientSecret::new(ours.client_secret.to_string());
    // The URL never comes from the request, whose `Host` header the caller chooses.
    let callback = format!("{}/api/v1/auth/google/callback", ctx.config.base_url);
    let callback = RedirectUrl::new(callback).map_err(Error::internal)?;
    let client = Client::from_provider_metadata(metadata.clone(), id, Some(secret));
    Ok(client.set_redirect_uri(callback))
}
