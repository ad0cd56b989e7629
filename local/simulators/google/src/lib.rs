//! Simulates Google's OpenID Connect provider for the local stack, under `/local/google`.
//! <https://developers.google.com/identity/openid-connect/openid-connect>
//!
//! The simulator uses Google's names and refuses what Google and the standards refuse. It differs from
//! Google in these points:
//!
//! - It knows one client with one redirect URI.
//! - It has no refresh, revocation or device flow. Its discovery document names only what it serves.
//! - Every browser counts as signed in to every account.
//! - A `login_hint` chooses an account without a click, for any `prompt`. Tests and scripts use this.
//!
//! | path | module |
//! |---|---|
//! | `/.well-known/openid-configuration`, `/certs` | `discovery`, `signing_keys` |
//! | `/authorize`, `/authorize/choice` | `authorize`, `authorization_request`, `pages` |
//! | `/token` | `token`, `grants`, `id_token` |
//! | `/userinfo` | `userinfo` |
//! | `/accounts`, `/next-token` | `control`: control endpoints for people and tests, which Google does not have |

mod accounts;
mod authorization_request;
mod authorize;
mod claims;
mod control;
mod credentials;
mod discovery;
mod error;
mod grants;
mod id_token;
mod id_token_fault;
mod pages;
mod parameters;
mod pkce;
mod scopes;
mod signing_keys;
mod simulator;
mod token;
mod userinfo;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

pub use credentials::ClientCredentials;
pub use simulator::{GoogleSimulator, GoogleSimulatorOptions, MOUNT_PATH, issuer_url};

/// Returns the routes of the simulator, relative to [`MOUNT_PATH`].
pub fn router(google: GoogleSimulator) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::get_configuration))
        .route("/certs", get(discovery::get_signing_keys))
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/authorize/choice", post(authorize::post_choice))
        .route("/token", post(token::post))
        .route("/userinfo", get(userinfo::get).post(userinfo::get))
        .route("/accounts", get(control::list_accounts).post(control::put_account))
        .route("/next-token", post(control::set_id_token_fault))
        .with_state(Arc::new(google))
}
