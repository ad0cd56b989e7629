//! The claims about an account, which the ID token and the userinfo endpoint share.

use serde_json::{Map, Value};

use crate::grants::Grant;

/// Returns the claims about the account that the granted scopes allow.
pub(crate) fn account_claims(grant: &Grant) -> Map<String, Value> {
    let account = &grant.account;
    let mut claims = Map::new();
    let mut insert = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    insert("sub", account.sub.clone().into());
    if grant.scopes.email {
        insert("email", account.email.clone().into());
        insert("email_verified", account.email_verified.into());
        if let Some(domain) = &account.hd {
            insert("hd", domain.clone().into());
        }
    }
    if let (true, Some(name)) = (grant.scopes.profile, &account.name) {
        insert("name", name.clone().into());
        let (given_name, family_name) = name.rsplit_once(' ').unwrap_or((name, ""));
        insert("given_name", given_name.into());
        if !family_name.is_empty() {
            insert("family_name", family_name.into());
        }
    }
    claims
}
