//! From a credential to who calls.

use super::{Caller, Credential};
use crate::accounts::User;
use crate::context::Context;
use crate::dynamo::{BatchResult, Key};
use crate::error::{Error, Result};
use crate::organizations::Organization;
use crate::requester::Requester;
use crate::sessions::{self, Named};
use crate::tokens;
use crate::tokens::{PlainToken, Token};
use crate::values::TokenHolder;

/// Who calls: one read, in which the rows `also` are read as well, and at most once an hour a write that
/// notes the use.
///
/// [`Error::InvalidSession`] or [`Error::InvalidToken`] for whatever doesn't count (any more);
/// [`Error::PendingDeletion`] for the session of an account that waits to be erased.
pub async fn identify(
    ctx: &Context,
    requester: &Requester,
    credential: &Credential,
    also: &[Key],
) -> Result<(Caller, BatchResult)> {
    let mut keys = credential.keys().to_vec();
    for key in also {
        // DynamoDB refuses a batch that names an item twice.
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    let found = ctx.table.batch_get(&keys).await?;
    let caller = match credential {
        Credential::Session(named) => of_session(ctx, named, &found).await?,
        Credential::Token(token) => of_token(ctx, requester, token, credential, &found).await?,
    };
    Ok((caller, found))
}

async fn of_session(ctx: &Context, named: &Named, found: &BatchResult) -> Result<Caller> {
    let signed_in = sessions::alive(ctx, named, found).await?;
    if signed_in.user.deletion.is_some() {
        return Err(Error::PendingDeletion);
    }
    Ok(Caller::Session(signed_in))
}

async fn of_token(
    ctx: &Context,
    requester: &Requester,
    plain: &PlainToken,
    credential: &Credential,
    found: &BatchResult,
) -> Result<Caller> {
    let [holder, token] = credential.keys();
    let token: Option<Token> = found.read(&token)?;
    let token = token.filter(|token| token.is_good(plain, ctx.now())).ok_or(Error::InvalidToken)?;
    let caller = match &token.holder {
        TokenHolder::User(_) => {
            let user: Option<User> = found.read(&holder)?;
            let counts =
                |user: &User| user.deletion.is_none() && user.tokens.generation == token.generation;
            let user = user.filter(counts).ok_or(Error::InvalidToken)?;
            Caller::Token(user, token.clone())
        }
        TokenHolder::Organization(_) => {
            let organization: Option<Organization> = found.read(&holder)?;
            let counts = |organization: &Organization| {
                organization.exists() && organization.keys_generation == token.generation
            };
            let organization = organization.filter(counts);
            Caller::Key(organization.ok_or(Error::InvalidToken)?, token.clone())
        }
    };
    tokens::note_use(ctx, requester, &token).await;
    Ok(caller)
}
