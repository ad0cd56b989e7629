//! The state of a sign-in with Google. The browser keeps it in an encrypted cookie; nothing is stored in the
//! table.

use std::fmt;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::google_client;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ids::SessionId;
use crate::redirect::SitePath;
use crate::requester::Requester;
use crate::secrets::Sealed;
use crate::values::Timezone;

/// Maximum time between the redirect to Google and the callback.
pub const PENDING_AUTHORIZATION_TTL: Duration = Duration::from_secs(10 * 60);

/// Additional authenticated data that binds the encryption to this use.
const AAD: &str = "google sign-in";

/// Random bytes of `state`, `nonce` and `verifier`. In base64url they make 43 characters, the minimum for
/// PKCE (RFC 7636 4.1).
const RANDOM_BYTES: usize = 32;

/// The state of one sign-in between the redirect to Google and the callback.
#[derive(Serialize, Deserialize)]
pub struct PendingAuthorization {
    /// Returned by Google in the query. It proves that the flow started in this browser.
    pub(super) state: String,
    /// Returned in the ID token. It proves that the token was issued for this flow.
    pub(super) nonce: String,
    /// PKCE verifier, required to exchange the code, so that a stolen code is useless.
    pub(super) verifier: String,
    /// Path to redirect to after the sign-in.
    pub redirect: SitePath,
    /// What the identity is for.
    pub purpose: AuthorizationPurpose,
    /// Time of the redirect to Google.
    pub issued_at: Timestamp,
    /// Time zone of a new account.
    #[serde(default)]
    pub timezone: Option<Timezone>,
    /// Whether the flow began on a page of the dashboard, so that a person sees the response.
    #[serde(default)]
    pub is_from_page: bool,
}

/// What an identity from Google is used for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum AuthorizationPurpose {
    /// The person signs in, or signs up.
    SignIn,
    /// Connecting the Google account to the account of this session.
    Connect(SessionId),
    /// Proving the identity of this session's user again.
    Reauthenticate(SessionId),
}

impl PendingAuthorization {
    pub(super) fn start(ctx: &Context, redirect: SitePath, purpose: AuthorizationPurpose) -> Self {
        let random = || BASE64URL_NOPAD.encode(&ctx.random.bytes::<RANDOM_BYTES>());
        let (state, nonce, verifier) = (random(), random(), random());
        let issued_at = ctx.now();
        let (timezone, is_from_page) = (None, false);
        Self { state, nonce, verifier, redirect, purpose, issued_at, timezone, is_from_page }
    }

    /// Encrypts the flow for the cookie.
    pub(super) async fn seal(&self, ctx: &Context) -> Result<String> {
        let json = serde_json::to_vec(self).map_err(Error::internal)?;
        let sealed = ctx.secrets.keyring().await.seal(&*ctx.random, AAD, &json)?;
        Ok(sealed.as_str().to_owned())
    }

    /// Decrypts the flow of a callback from its cookie, and compares its `state`.
    ///
    /// # Errors
    /// - [`Error::InvalidField`] of `state` if the flow did not start in this browser, or more than 10
    ///   minutes ago.
    /// - [`Error::RateLimited`] after too many requests from one network.
    /// - [`Error::GoogleNotSetUp`] if the deployment has no OAuth client at Google.
    pub async fn resume(
        ctx: &Context,
        requester: &Requester,
        cookie: Option<&str>,
        state: Option<&str>,
    ) -> Result<Self> {
        google_client(ctx).await?;
        super::GOOGLE_SIGN_IN_THROTTLE.count_request(ctx, requester).await?;
        let reason = "this sign-in didn't begin in this browser, or too long ago; begin again";
        let refused = || Error::invalid_field("state", reason);
        let sealed = Sealed::from_text(cookie.ok_or_else(refused)?);
        let json = ctx.secrets.keyring().await.open(AAD, &sealed).ok_or_else(refused)?;
        let flow: Self = serde_json::from_slice(&json).map_err(|_| refused())?;
        let state = state.ok_or_else(refused)?;
        let matches = flow.state.as_bytes().ct_eq(state.as_bytes());
        if !bool::from(matches) || ctx.now() >= flow.issued_at.plus(PENDING_AUTHORIZATION_TTL) {
            return Err(refused());
        }
        Ok(flow)
    }
}

impl fmt::Debug for PendingAuthorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingAuthorization(…)")
    }
}
