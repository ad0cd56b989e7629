//! Starting a sign-in with Google: builds the URL of Google's page.

use std::time::Duration;

use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow};
use openidconnect::{CsrfToken, LoginHint, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope};

use super::openid_provider::{OpenIdProvider, with_timeout};
use super::pending_authorization::{AuthorizationPurpose, PendingAuthorization};
use super::{client, google_client};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::redirect::SitePath;
use crate::requester::Requester;
use crate::switches::Feature;
use crate::values::Timezone;

/// Maximum bytes of a `login_hint`: an address, or a `sub` (OpenID Connect Core 2).
const MAX_LOGIN_HINT_LEN: usize = 255;

/// Parameters of a sign-in with Google.
#[derive(Debug)]
pub struct AuthorizationParams {
    /// Path to redirect to after the sign-in.
    pub redirect: SitePath,
    /// What the identity is for.
    pub purpose: AuthorizationPurpose,
    /// Address or id of the account that Google offers first.
    pub login_hint: Option<String>,
    /// Time zone of a new account.
    pub timezone: Option<Timezone>,
    /// Whether the flow begins on a page of the dashboard, so that a person sees the response.
    pub is_from_page: bool,
}

/// Redirect to Google, and the state that the browser keeps meanwhile.
#[derive(Debug)]
pub struct AuthorizationRedirect {
    /// URL of Google's page.
    pub url: String,
    /// Encrypted state of the flow, for the cookie.
    pub flow: String,
}

/// Starts a flow and returns the redirect to Google.
///
/// # Errors
/// - [`Error::GoogleNotSetUp`] if the deployment has no OAuth client at Google.
/// - [`Error::InvalidField`] if the login hint is too long.
/// - [`Error::RateLimited`] after too many requests from one network.
/// - [`Error::Disabled`] while sign-in with Google is switched off.
/// - [`Error::Unavailable`] if Google does not respond.
pub async fn authorize(
    ctx: &Context,
    provider: &OpenIdProvider,
    requester: &Requester,
    params: AuthorizationParams,
) -> Result<AuthorizationRedirect> {
    let ours = google_client(ctx).await?;
    let AuthorizationParams { redirect, purpose, login_hint, timezone, is_from_page } = params;
    if login_hint.as_ref().is_some_and(|hint| hint.len() > MAX_LOGIN_HINT_LEN) {
        let why = format!("longer than {MAX_LOGIN_HINT_LEN} bytes");
        return Err(Error::invalid_field("login_hint", why));
    }
    let throttled = super::GOOGLE_SIGN_IN_THROTTLE.count_request(ctx, requester);
    tokio::try_join!(ctx.switches.require(Feature::Google), throttled)?;
    let metadata = with_timeout(provider.metadata(ctx.now())).await?;
    let is_reauthentication = matches!(purpose, AuthorizationPurpose::Reauthenticate(_));
    let flow = PendingAuthorization {
        timezone,
        is_from_page,
        ..PendingAuthorization::start(ctx, redirect, purpose)
    };
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
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    request = if is_reauthentication {
        // Google asks for the password or passkey even if the browser is signed in there, and reports when it
        // did, as `auth_time` (OpenID Connect Core 3.1.2.1).
        request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO)
    } else {
        request.add_prompt(CoreAuthPrompt::SelectAccount)
    };
    if let Some(hint) = login_hint {
        request = request.set_login_hint(LoginHint::new(hint));
    }
    let (url, _, _) = request.url();
    Ok(AuthorizationRedirect { url: url.to_string(), flow: flow.seal(ctx).await? })
}
