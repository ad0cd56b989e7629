//! What a browser keeps while its user is at Google: a sealed cookie, and nothing in the table.

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

/// How long somebody may take to sign in at Google.
pub const LIFETIME: Duration = Duration::from_secs(10 * 60);

/// What the seal is bound to.
const PLACE: &str = "google sign-in";

/// Random bytes of each of the three values. Written in base64url they are 43 characters, the least
/// that PKCE allows (RFC 7636 4.1).
const RANDOM_BYTES: usize = 32;

/// Somebody's way to Google and back.
#[derive(Serialize, Deserialize)]
pub struct Flow {
    /// Comes back in the address, and has to be the one that this browser left with.
    pub(super) state: String,
    /// Comes back in the ID token: it was made for this flow.
    pub(super) nonce: String,
    /// Shown when the code is exchanged: whoever only saw the code has no use for it.
    pub(super) verifier: String,
    /// Where to afterwards.
    pub redirect: SitePath,
    /// The session that wants to connect its account; `None` for signing in.
    pub link: Option<SessionId>,
    issued_at: Timestamp,
}

impl Flow {
    pub(super) fn begin(ctx: &Context, redirect: SitePath, link: Option<SessionId>) -> Self {
        let random = || BASE64URL_NOPAD.encode(&ctx.random.bytes::<RANDOM_BYTES>());
        let (state, nonce, verifier) = (random(), random(), random());
        Self { state, nonce, verifier, redirect, link, issued_at: ctx.now() }
    }

    /// The cookie's value.
    pub(super) async fn seal(&self, ctx: &Context) -> Result<String> {
        let json = serde_json::to_vec(self).map_err(Error::internal)?;
        let sealed = ctx.secrets.keyring().await.seal(&*ctx.random, PLACE, &json)?;
        Ok(sealed.as_str().to_owned())
    }

    /// The flow of the browser that comes back with that `state`. [`Error::InvalidField`] where it
    /// didn't begin here, began too long ago, or is somebody else's;
    /// [`Error::RateLimited`] after too many from one network; [`Error::GoogleNotSetUp`].
    pub async fn resume(
        ctx: &Context,
        requester: &Requester,
        cookie: Option<&str>,
        state: Option<&str>,
    ) -> Result<Self> {
        google_client(ctx).await?;
        super::THROTTLE.hit(ctx, requester).await?;
        let why = "this sign-in didn't begin in this browser, or too long ago; begin again";
        let refused = || Error::invalid_field("state", why);
        let sealed = Sealed::from_text(cookie.ok_or_else(refused)?);
        let json = ctx.secrets.keyring().await.open(PLACE, &sealed).ok_or_else(refused)?;
        let flow: Self = serde_json::from_slice(&json).map_err(|_| refused())?;
        let state = state.ok_or_else(refused)?;
        let same = flow.state.as_bytes().ct_eq(state.as_bytes());
        if !bool::from(same) || ctx.now() >= flow.issued_at.plus(LIFETIME) {
            return Err(refused());
        }
        Ok(flow)
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flow(…)")
    }
}
