//! Authentication: from a credential to the principal behind it.

use super::{Caller, Credential, Principal};
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::{BatchResult, Key};
use crate::error::{Error, Result};
use crate::organizations::Organization;
use crate::sessions::{self, VerifiedSessionToken};
use crate::tokens;
use crate::tokens::{PlainToken, Token};
use crate::values::TokenHolder;

/// Authenticates a caller, and reads the items `extra_keys` in the same round trip. Records the use of a token
/// at most once an hour, with one write.
///
/// # Errors
/// - `InvalidSession` or `InvalidToken` if the credential is unknown, expired or revoked.
/// - `IpNotAllowed` if the token may not be used from the caller's address.
/// - `InsufficientScope` if the token lacks the scope that the route requires.
/// - `AccountSuspended` or `OrganizationSuspended` if the credential is valid, and its holder is suspended.
/// - `PendingDeletion` for a session of an account that is scheduled for erasure.
pub async fn authenticate(
    ctx: &Context,
    caller: &Caller,
    extra_keys: &[Key],
) -> Result<(Principal, BatchResult)> {
    let mut keys = caller.credential.keys().to_vec();
    for key in extra_keys {
        // DynamoDB refuses a batch that names an item twice.
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    let mut found = ctx.table.batch_get(&keys).await?;
    let own = found.split_off(&caller.credential.keys(), extra_keys);
    let principal = match &caller.credential {
        Credential::Session(named) => of_session(ctx, caller, named, own).await?,
        Credential::Token(token) => of_token(ctx, caller, token, own).await?,
    };
    Ok((principal, found))
}

async fn of_session(
    ctx: &Context,
    caller: &Caller,
    named: &VerifiedSessionToken,
    found: BatchResult,
) -> Result<Principal> {
    let signed_in = sessions::require_active(ctx, &caller.requester, named, found).await?;
    signed_in.user.require_not_suspended()?;
    if signed_in.user.deletion.is_some() {
        return Err(Error::PendingDeletion);
    }
    Ok(Principal::Session(signed_in))
}

async fn of_token(
    ctx: &Context,
    caller: &Caller,
    plain: &PlainToken,
    mut found: BatchResult,
) -> Result<Principal> {
    let [holder, token] = caller.credential.keys();
    let token: Option<Token> = found.take(&token)?;
    let token =
        token.filter(|token| token.is_valid(plain, ctx.now())).ok_or(Error::InvalidToken)?;
    let principal = match &token.holder {
        TokenHolder::User(_) => {
            let user: Option<User> = found.take(&holder)?;
            let counts =
                |user: &User| user.deletion.is_none() && user.tokens.generation == token.generation;
            let user = user.filter(counts).ok_or(Error::InvalidToken)?;
            Principal::Token(user, token.clone())
        }
        TokenHolder::Organization(_) => {
            let organization: Option<Organization> = found.take(&holder)?;
            let counts = |organization: &Organization| {
                organization.accepts_keys() && organization.keys_generation == token.generation
            };
            let organization = organization.filter(counts);
            Principal::Key(organization.ok_or(Error::InvalidToken)?, token.clone())
        }
    };
    if !token.allowed_ips.contains(caller.requester.ip) {
        return Err(Error::IpNotAllowed(caller.requester.ip));
    }
    if let Some(scope) = caller.scope.filter(|scope| !token.scopes.contains(*scope)) {
        return Err(Error::InsufficientScope(scope.name()));
    }
    // A stolen token that may not be used from its thief's address tells the thief nothing.
    match &principal {
        Principal::Token(user, _) => user.require_not_suspended()?,
        Principal::Key(organization, _) => organization.require_not_suspended()?,
        Principal::Session(_) => {}
    }
    tokens::record_use(ctx, &caller.requester, &token).await;
    Ok(principal)
}
