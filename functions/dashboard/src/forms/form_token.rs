//! CSRF tokens of forms.
//!
//! A token is a MAC of the browser and the form's action. The browser is known by its session or, before it has one, by
//! a random cookie. So a token of one browser, session or form is worthless for another. Beside it, the session cookie
//! is `SameSite=Lax`, and the `Origin` of each submission is checked.

use std::sync::Arc;

use axum::http::HeaderMap;
use shared::context::Context;
use shared::http;
use shared::secrets::{Keyring, Mac};

/// Name of the cookie that recognizes a browser without a session.
const BROWSER_COOKIE: &str = "__Host-aius_browser";

/// The purpose of these MACs.
const PURPOSE: &str = "form";

/// Creates and checks the tokens of the forms of one browser.
#[derive(Clone)]
pub(crate) struct FormTokens {
    keyring: Arc<Keyring>,
    browser: String,
    /// A random part of the idempotency keys of the page's forms.
    nonce: String,
    is_new: bool,
}

impl FormTokens {
    /// Recognizes the browser of a request, without a round trip.
    pub(super) async fn load(ctx: &Context, headers: &HeaderMap) -> Self {
        let keyring = ctx.secrets.keyring().await;
        let session = http::optional_session(ctx, headers).await;
        let session = session.map(|named| format!("session {}", named.session));
        let known = session.or_else(|| {
            http::cookie(headers, BROWSER_COOKIE).map(|value| format!("browser {value}"))
        });
        let is_new = known.is_none();
        let browser = known.unwrap_or_else(|| format!("browser {}", ctx.random.identifier()));
        Self { keyring, browser, nonce: ctx.random.identifier(), is_new }
    }

    /// Returns the token of a form.
    pub(crate) fn token(&self, action: &str) -> String {
        self.keyring.mac(&[PURPOSE, &self.browser, action]).as_str().to_owned()
    }

    /// Returns whether the token is that of the form.
    pub(super) fn is_valid(&self, action: &str, token: &str) -> bool {
        self.keyring.mac_matches(&Mac::from_text(token), &[PURPOSE, &self.browser, action])
    }

    /// Returns the idempotency key of the page's forms. A submission that is repeated from the same page has the same
    /// key.
    pub(crate) fn idempotency_key(&self) -> &str {
        &self.nonce
    }

    /// Returns the `Set-Cookie` value for a browser that was not recognized.
    pub(super) fn new_cookie(&self) -> Option<String> {
        let value = self.browser.strip_prefix("browser ").filter(|_| self.is_new)?;
        Some(format!("{BROWSER_COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"))
    }
}
