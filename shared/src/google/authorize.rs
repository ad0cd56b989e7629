//! The way to Google.

use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow};
use openidconnect::{CsrfToken, LoginHint, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope};

use super::flow::Flow;
use super::provider::{Provider, patiently};
use super::{client, client_of_ours};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::SessionId;
use crate::redirect::SitePath;
use crate::requester::Requester;

/// Longest `login_hint`, in bytes: an address, or a `sub` (OpenID Connect Core 2).
const LONGEST_HINT: usize = 255;

/// Parameters for an authorization request to Google.
#[derive(Debug)]
pub struct AuthorizationParams {
    /// The path of this site that the browser returns to.
    pub redirect: SitePath,
    /// The session whose account gets connected, or `None` for a sign-in.
    pub link: Option<SessionId>,
    /// The account that Google suggests.
    pub login_hint: Option<String>,
}

/// Where a browser is sent, and what it keeps meanwhile.
#[derive(Debug)]
pub struct Departure {
    /// Google's page.
    pub url: String,
    /// Sealed; for the cookie.
    pub flow: String,
}

/// Begins a flow. [`Error::GoogleNotSetUp`] where the deployment has no client at Google;
/// [`Error::RateLimited`] after too many from one network;
/// [`Error::Unavailable`] while Google can't be reached.
pub async fn authorize(
    ctx: &Context,
    provider: &Provider,
    requester: &Requester,
    params: AuthorizationParams,
) -> Result<Departure> {
    let ours = client_of_ours(ctx).await?;
    let AuthorizationParams { redirect, link, login_hint } = params;
    if login_hint.as_ref().is_some_and(|hint| hint.len() > LONGEST_HINT) {
        let why = format!("longer than {LONGEST_HINT} bytes");
        return Err(Error::invalid_field("login_hint", why));
    }
    super::THROTTLE.hit(ctx, requester).await?;
    let metadata = patiently(provider.metadata(ctx.now())).await?;
    let flow = Flow::begin(ctx, redirect, link);
    let verifier = PkceCodeVerifier::new(flow.verifier.clone());
    let client = client(ctx, &metadata, &ours)?;
    let (state, nonce) = (flow.state.clone(), flow.nonce.clone());
    let mut request = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(state),
            || Nonce::new(nonce),
        )
        .add_scopes(["email", "profile"].map(|scope| Scope::new(scope.to_owned())))
        .add_prompt(CoreAuthPrompt::SelectAccount)
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    if let Some(hint) = login_hint {
        request = request.set_login_hint(LoginHint::new(hint));
    }
    let (url, _, _) = request.url();
    Ok(Departure { url: url.to_string(), flow: flow.seal(ctx).await? })
}
