//! Grants of users to the client, stored by authorization code and later by access token.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::accounts::SimulatedAccount;
use crate::pkce::CodeChallenge;
use crate::scopes::Scopes;

/// The lifetime of an authorization code in seconds: the maximum that RFC 6749, section 4.1.2 recommends.
const CODE_TTL: i64 = 10 * 60;

/// The lifetime of an access token and of an ID token in seconds.
pub(crate) const TOKEN_TTL: i64 = 60 * 60;

/// What a user has granted to the client.
///
/// The client and the redirect URI are not part of it, because the provider knows only one of each and
/// checks them in every request.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The account that the user chose.
    pub(crate) account: SimulatedAccount,
    pub(crate) scopes: Scopes,
    /// The `nonce` of the authorization request.
    pub(crate) nonce: Option<String>,
    /// The PKCE challenge of the authorization request.
    pub(crate) code_challenge: Option<CodeChallenge>,
    /// When the user signed in, in seconds since 1970, if the authorization request asked for it.
    pub(crate) auth_time: Option<i64>,
}

/// All grants that have not expired.
#[derive(Debug, Default)]
pub(crate) struct GrantStore {
    by_code: Mutex<GrantMap>,
    by_access_token: Mutex<GrantMap>,
}

/// Grants with the time at which they expire, in seconds since 1970.
type GrantMap = HashMap<String, (Grant, i64)>;

impl GrantStore {
    /// Stores a grant under an authorization code.
    pub(crate) fn add_code(&self, code: String, grant: Grant, now: i64) {
        insert(&self.by_code, code, grant, now, CODE_TTL);
    }

    /// Removes an authorization code and returns its grant, unless it has expired.
    pub(crate) fn take_code(&self, code: &str, now: i64) -> Option<Grant> {
        let (grant, expires_at) = lock(&self.by_code).remove(code)?;
        (now < expires_at).then_some(grant)
    }

    /// Stores a grant under an access token.
    pub(crate) fn add_access_token(&self, token: String, grant: Grant, now: i64) {
        insert(&self.by_access_token, token, grant, now, TOKEN_TTL);
    }

    /// Returns the grant of an access token, unless it has expired.
    pub(crate) fn find_by_access_token(&self, token: &str, now: i64) -> Option<Grant> {
        let grants = lock(&self.by_access_token);
        let (grant, expires_at) = grants.get(token)?;
        (now < *expires_at).then(|| grant.clone())
    }
}

/// Stores a grant and removes those that have expired.
fn insert(grants: &Mutex<GrantMap>, key: String, grant: Grant, now: i64, ttl: i64) {
    let mut grants = lock(grants);
    grants.retain(|_, (_, expires_at)| now < *expires_at);
    grants.insert(key, (grant, now + ttl));
}

fn lock(grants: &Mutex<GrantMap>) -> MutexGuard<'_, GrantMap> {
    grants.lock().unwrap_or_else(PoisonError::into_inner)
}
