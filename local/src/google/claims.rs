//! What is told of an account, in the ID token and at the userinfo endpoint alike.

use serde_json::{Map, Value};

use super::grants::Grant;

/// The claims about the account that the granted scopes allow.
pub(super) fn about_account(grant: &Grant) -> Map<String, Value> {
    let account = &grant.account;
    let mut claims = Map::new();
    let mut tell = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    tell("sub", account.sub.clone().into());
    if grant.scopes.email {
        tell("email", account.email.clone().into());
        tell("email_verified", account.email_verified.into());
    }
    if let (true, Some(name)) = (grant.scopes.profile, &account.name) {
        tell("name", name.clone().into());
        let (given, family) = name.rsplit_once(' ').unwrap_or((name, ""));
        tell("given_name", given.into());
        if !family.is_empty() {
            tell("family_name", family.into());
        }
    }
    claims
}
