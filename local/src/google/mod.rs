//! Google as an OpenID provider: what its documentation describes of OpenID Connect, under
//! `/local/google`.
//! <https://developers.google.com/identity/openid-connect/openid-connect>
//!
//! It follows Google's names and refuses what Google and the standards refuse. Unlike Google it has one
//! client with one redirect URI, and no refresh, revocation or device flow: its discovery document names
//! what it serves. Whoever opens the page counts as signed in to every account; a `login_hint` chooses
//! one without a click, whatever `prompt` says, for tests and scripts.
//!
//! | path | file |
//! |---|---|
//! | `/.well-known/openid-configuration`, `/certs` | `discovery`, `keys` |
//! | `/authorize`, `/authorize/choice` | `authorize`, `request`, `page` |
//! | `/token` | `token`, `grants`, `id_token` |
//! | `/userinfo` | `userinfo` |
//! | `/accounts`, `/next-token` | `control`: for people and tests, and not Google's |

mod accounts;
mod authorize;
mod claims;
mod control;
mod credentials;
mod discovery;
mod grants;
mod id_token;
mod keys;
mod next_token;
mod page;
mod parameters;
mod pkce;
mod refusal;
mod request;
mod token;
mod userinfo;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::routing::{get, post};
use shared::clock::{Clock, Timestamp};
use shared::random::Random;

use crate::clock::MovableClock;
use accounts::Accounts;
use grants::Grants;
use keys::Keys;
use next_token::NextToken;

pub(crate) use credentials::Credentials;

/// Where the provider answers, below a stack's address.
const PATH: &str = "/local/google";

/// Where it sends people back to, below a stack's address.
const CALLBACK: &str = "/api/v1/auth/google/callback";

/// The issuer of the stack at that address.
pub(crate) fn issuer(base_url: &str) -> String {
    format!("{base_url}{PATH}")
}

/// The provider of one stack.
pub(crate) struct Google {
    base_url: String,
    issuer: String,
    client: Credentials,
    accounts: Accounts,
    keys: Keys,
    grants: Grants,
    next_token: Mutex<NextToken>,
    clock: Arc<MovableClock>,
    random: Arc<dyn Random>,
}

impl Google {
    /// A provider with the accounts that the file holds, for one client. Its signing key is made when it
    /// is first needed and gone with the process: what was signed before a start no longer verifies, as
    /// after a rotation at Google.
    pub(crate) fn start(
        base_url: String,
        client: Credentials,
        file: Option<PathBuf>,
        clock: Arc<MovableClock>,
        random: Arc<dyn Random>,
    ) -> io::Result<Self> {
        Ok(Self {
            issuer: issuer(&base_url),
            base_url,
            client,
            accounts: Accounts::open(file)?,
            keys: Keys::new(&*random),
            grants: Grants::default(),
            next_token: Mutex::default(),
            clock,
            random,
        })
    }

    /// The one URI that people are sent back to.
    fn redirect_uri(&self) -> String {
        format!("{}{CALLBACK}", self.base_url)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What was asked to be wrong with the next ID token; of the one after it, nothing.
    fn take_next_token(&self) -> NextToken {
        std::mem::take(&mut *self.next_token.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The endpoints, relative to [`PATH`].
pub(crate) fn router(google: Google) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::document))
        .route("/certs", get(discovery::certs))
        .route("/authorize", get(authorize::get).post(authorize::post))
        .route("/authorize/choice", post(authorize::choice))
        .route("/token", post(token::token))
        .route("/userinfo", get(userinfo::userinfo).post(userinfo::userinfo))
        .route("/accounts", get(control::accounts).post(control::put_account))
        .route("/next-token", post(control::next_token))
        .with_state(Arc::new(google))
}
