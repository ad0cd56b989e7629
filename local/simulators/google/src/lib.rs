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
//! | `/accounts`, `/next-token` | `admin`: control endpoints for people and tests, which Google does not have |

mod accounts;
mod admin;
mod authorization_request;
mod authorize;
mod claims;
mod clock;
mod credentials;
mod discovery;
mod error;
mod grants;
mod id_token;
mod id_token_fault;
mod json_file;
mod pages;
mod parameters;
mod pkce;
mod random;
mod scopes;
mod signing_keys;
mod simulator;
mod token;
mod userinfo;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

pub use clock::Clock;
pub use credentials::ClientCredentials;
pub use random::Random;
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
        .route(
            "/accounts",
            get(admin::endpoints::list_accounts).post(admin::endpoints::put_account),
        )
        .route("/next-token", post(admin::endpoints::set_id_token_fault))
        .with_state(Arc::new(google))
}
