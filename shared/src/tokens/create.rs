//! Creates a personal token.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::expiry_reminder::schedule_reminder;
use super::{
    AllowedIps, IssuedTokens, PlainToken, RevealedToken, Scope, Scopes, Token, audit_event,
};
use crate::accounts::{User, queue_security_notice};
use crate::activity::Action;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::credentials::{Caller, authenticate};
use crate::dynamo::{Attempt, AttemptError, BatchResult, Condition, Record, Tx, retry_conflicts};
use crate::error::{Error, Result};
use crate::idempotency::{IdempotencyKey, Replayable};
use crate::ids::{OrganizationId, UserId};
use crate::keys;
use crate::mail::Message;
use crate::organizations::{Member, Organization};
use crate::sessions::AuthenticatedSession;
use crate::values::{EmailAddress, Name, TokenHolder};

/// Maximum lifetime of a token in days.
const MAX_LIFETIME_DAYS: i64 = 3650;

/// The lifetime of a token that expires.
#[derive(Clone, Copy, Debug)]
pub struct TokenLifetime(Duration);

impl TokenLifetime {
    /// Creates a lifetime from a number of days.
    ///
    /// # Errors
    ///
    /// * [`Error::InvalidField`] for `expires_in_days` unless it is from 1 to 3650.
    pub fn from_days(days: i64) -> Result<Self> {
        let within = u64::try_from(days).ok().filter(|_| (1..=MAX_LIFETIME_DAYS).contains(&days));
        let days = within.ok_or_else(|| {
            Error::invalid_field(
                "expires_in_days",
                format!("must be a whole number from 1 to {MAX_LIFETIME_DAYS}"),
            )
        })?;
        Ok(Self(Duration::from_secs(days * 24 * 60 * 60)))
    }

    /// Returns when a token that is created at `now` expires.
    pub(crate) fn expires_at(self, now: Timestamp) -> Timestamp {
        now.plus(self.0)
    }
}

/// Parameters for creating a token.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Name that the user sees in lists.
    pub name: Name,
    /// The account's email address, if the request named it. It must be the caller's.
    pub account: Option<EmailAddress>,
    /// The only organization that the token works in, if it is limited to one.
    pub client_id: Option<OrganizationId>,
    /// What the token may do.
    pub scopes: Scopes,
    /// The addresses from which the token may be used.
    pub allowed_ips: AllowedIps,
    /// The token's lifetime; `None` if it never expires.
    pub lifetime: Option<TokenLifetime>,
}

/// A token that was just created, with its value.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NewToken)]
pub struct CreatedToken {
    /// Number within the account, counted from 1.
    #[schema(example = 42)]
    pub id: u32,
    /// The email address of the token's account, or the id of the only organization that it works in.
    #[schema(example = "dev@example.com")]
    pub client_id: String,
    /// The name of the token.
    #[schema(example = "my-cli")]
    pub token_name: String,
    /// What the token may do.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// The addresses and networks from which the token may be used; null if it may be used from everywhere.
    #[serde(default)]
    #[schema(required, example = json!(["203.0.113.0/24"]))]
    pub allowed_ips: Option<Vec<String>>,
    /// When the token expires; null if never.
    #[serde(default)]
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// The value, shown only this once.
    pub token: RevealedToken,
    /// The time at which the token was created.
    pub created_at: Timestamp,
}

/// Creates a token that acts as the caller, in all their organizations or in one. Requires a recent proof of
/// identity. A mail reports the token to the caller.
///
/// # Errors
///
/// * [`Error::SessionRequired`] if the caller has no session.
/// * [`Error::ReauthRequired`] if the session's proof of identity is not recent.
/// * [`Error::NotFound`] if the parameters name another account, or an organization that does not
///   exist.
/// * [`Error::NoAccess`] if the caller is not a member of that organization.
/// * [`Error::IdempotencyConflict`] if the idempotency key was used for another request.
pub async fn create(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    new: &NewToken,
) -> Result<Replayable<CreatedToken>> {
    retry_conflicts(ctx, || attempt(ctx, caller, idempotency_key, new)).await
}

async fn attempt(
    ctx: &Context,
    caller: &Caller,
    idempotency_key: &IdempotencyKey,
    new: &NewToken,
) -> Attempt<Replayable<CreatedToken>> {
    let membership_keys = new.client_id.as_ref().zip(caller.credential.user());
    let membership_keys = membership_keys.map(|(organization, user)| {
        [keys::organization(organization), keys::member(organization, user)]
    });
    let extra_keys = membership_keys.as_ref().map_or(&[][..], |keys| keys);
    let (identified, done) =
        tokio::join!(authenticate(ctx, caller, extra_keys), idempotency_key.replay(ctx));
    let (principal, found) = identified?;
    principal.require_recent_proof(ctx.now())?;
    let AuthenticatedSession { session, user, .. } = principal.into_session()?;
    if let Some(done) = done? {
        return Ok(done);
    }
    if new.account.as_ref().is_some_and(|account| *account != user.email) {
        return Err(Error::NotFound.into());
    }
    let mut tx = ctx.table.transaction();
    // Ending a session also prevents its pending requests from creating tokens.
    tx.check(&session.key(), &Condition::Exists, AttemptError::Conflict)?;
    if let Some(organization) = &new.client_id {
        recheck_membership(&mut tx, &found, organization, &user.id)?;
    }
    let (token, plain) = add_token(ctx, &mut tx, &user, new)?;
    let created = CreatedToken {
        id: token.number,
        client_id: token.shown_client_id(&user),
        token_name: token.name.to_string(),
        scopes: token.scopes.to_list(),
        allowed_ips: token.allowed_ips.to_list(),
        expires_at: token.expires_at,
        token: RevealedToken::from(&plain),
        created_at: token.created_at,
    };
    let message = Message::token_created(ctx, &caller.requester, &user, &token.name);
    queue_security_notice(ctx, &*ctx.secrets.keyring().await, &mut tx, &user, message)?;
    idempotency_key.store_response(ctx, &mut tx, &created).await?;
    tx.commit(audit_event(ctx, &caller.requester, &user.id, Action::TokenCreated, &token)).await?;
    Ok(Replayable::new(created))
}

/// Adds a new token of the user to `tx`, with the next number of the account and a reminder of its expiry. The account
/// must be unchanged since it was read. Returns the token and its value.
///
/// # Errors
///
/// * [`AttemptError::Conflict`] on commit if the account has changed.
pub(crate) fn add_token(
    ctx: &Context,
    tx: &mut Tx<'_>,
    user: &User,
    new: &NewToken,
) -> Result<(Token, PlainToken)> {
    let number = take_next_number(tx, user)?;
    let holder = TokenHolder::User(user.id.clone());
    let plain = PlainToken::generate(&*ctx.random, holder.clone(), number);
    let now = ctx.now();
    let token = Token {
        holder,
        number,
        name: new.name.clone(),
        hash: plain.hash(),
        previous_value: None,
        ending: plain.ending(),
        client_id: new.client_id.clone(),
        scopes: new.scopes.clone(),
        allowed_ips: new.allowed_ips.clone(),
        generation: user.tokens.generation,
        created_by: user.id.clone(),
        created_at: now,
        rotated_at: None,
        last_used_at: None,
        expires_at: new.lifetime.map(|lifetime| lifetime.expires_at(now)),
        revoked_at: None,
    };
    tx.put_new(&token)?;
    schedule_reminder(tx, &token, now)?;
    Ok((token, plain))
}

/// Checks that the user is a member, and adds a check to `tx` that they still are.
fn recheck_membership(
    tx: &mut Tx<'_>,
    found: &BatchResult,
    organization_id: &OrganizationId,
    user: &UserId,
) -> Result<()> {
    let stored: Option<Organization> = found.read(&keys::organization(organization_id))?;
    stored.filter(Organization::exists).ok_or(Error::NotFound)?;
    let member = keys::member(organization_id, user);
    found.read::<Member>(&member)?.ok_or(Error::NoAccess)?;
    tx.check(&member, &Condition::Exists, AttemptError::Conflict)
}

/// Takes the account's next token number. The account must be unchanged, so that no number is used
/// twice and no token escapes when all are revoked at once.
fn take_next_number(tx: &mut Tx<'_>, user: &User) -> Result<u32> {
    let count = user.tokens.count + 1;
    let tokens = IssuedTokens { count, ..user.tokens.clone() };
    User { tokens, ..user.clone() }.store(tx)?;
    Ok(count)
}
