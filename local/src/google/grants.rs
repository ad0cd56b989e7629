//! What somebody has agreed to, by the code that stands for it, and later by the access token.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::clock::Timestamp;

use super::accounts::Account;
use super::pkce::Challenge;
use super::request::Scopes;

/// How long a code is good; the most that RFC 6749 4.1.2 advises.
const CODE_LIFETIME: Duration = Duration::from_secs(10 * 60);

/// How long an access token is good, and an ID token.
pub(super) const TOKEN_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// What somebody has agreed to. The client and its redirect URI are the only ones that there are, and
/// are checked wherever they are named.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) account: Account,
    pub(super) scopes: Scopes,
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<Challenge>,
}

/// All grants that are still good for something.
#[derive(Debug, Default)]
pub(super) struct Grants {
    codes: Store,
    access_tokens: Store,
}

type Store = Mutex<HashMap<String, (Grant, Timestamp)>>;

impl Grants {
    pub(super) fn add_code(&self, code: String, grant: Grant, now: Timestamp) {
        add(&self.codes, code, grant, now, CODE_LIFETIME);
    }

    /// What a code stands for. Whatever comes of it, the code is used up.
    pub(super) fn take_code(&self, code: &str, now: Timestamp) -> Option<Grant> {
        let (grant, until) = lock(&self.codes).remove(code)?;
        (now < until).then_some(grant)
    }

    pub(super) fn add_access_token(&self, token: String, grant: Grant, now: Timestamp) {
        add(&self.access_tokens, token, grant, now, TOKEN_LIFETIME);
    }

    pub(super) fn with_access_token(&self, token: &str, now: Timestamp) -> Option<Grant> {
        let all = lock(&self.access_tokens);
        let (grant, until) = all.get(token)?;
        (now < *until).then(|| grant.clone())
    }
}

fn add(store: &Store, name: String, grant: Grant, now: Timestamp, lifetime: Duration) {
    let mut all = lock(store);
    all.retain(|_, (_, until)| now < *until);
    all.insert(name, (grant, now.plus(lifetime)));
}

fn lock(store: &Store) -> MutexGuard<'_, HashMap<String, (Grant, Timestamp)>> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}
