//! The first code of an authenticator: from now on signing in asks for one.

use super::recovery::RecoveryCodes;
use super::setup::Waiting;
use super::totp::Authenticator;
use super::{Code, SecondFactor};
use crate::accounts::User;
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Condition, retry_from};
use crate::error::{Error, Result};
use crate::keys;
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::{self, Authenticated, read_again};

/// Turns the second factor on and ends all other sessions; the ten recovery codes are shown this
/// once. The code that did it is spent. [`Error::TwoFactorNotStarted`] without a secret that waits;
/// [`Error::TwoFactorAlreadyEnabled`]; [`Error::InvalidCode`].
pub async fn enable(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    code: &str,
) -> Result<Vec<String>> {
    let code = &Code::parse(code);
    let attempt = |before: User| attempt(ctx, requester, signed_in, before, code);
    retry_from(ctx, signed_in.user.clone(), || read_again(ctx, signed_in), attempt).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    before: User,
    code: &Code,
) -> Result<Vec<String>> {
    if before.second_factor.is_some() {
        return Err(Error::TwoFactorAlreadyEnabled);
    }
    let key = keys::two_factor_setup(&before.id);
    let waiting: Option<Waiting> = ctx.table.get(&key).await?;
    let waiting = waiting
        .filter(|waiting| ctx.now() < waiting.expires_at)
        .ok_or(Error::TwoFactorNotStarted)?;
    let Code::Authenticator(digits) = code else { return Err(Error::InvalidCode) };
    let keyring = ctx.secrets.keyring().await;
    let last_step = Authenticator::open(&keyring, &before.id, &waiting.secret)?
        .step_of(digits, ctx.now())
        .ok_or(Error::InvalidCode)?;
    let (recovery_codes, shown) = RecoveryCodes::generate(ctx, &keyring, &before.id);
    let same_secret = Condition::equal("secret", &waiting.secret)?;
    let secret = waiting.secret;
    let factor = SecondFactor { secret, last_step, recovery_codes, since: ctx.now() };
    let user = User {
        second_factor: Some(factor),
        session_generation: before.session_generation + 1,
        ..before
    };
    let mut tx = ctx.table.transaction();
    let user = user.store(&mut tx)?;
    tx.delete(&key, Some(same_secret), Error::Conflict)?;
    sessions::keep(&mut tx, &signed_in.session, user.session_generation)?;
    let message = Message::two_factor_on(ctx, requester, &user);
    mail::queue(ctx, &keyring, &mut tx, &user.email, message)?;
    tx.commit(AuditEvent::for_account(ctx, requester, Action::TwoFactorEnabled, &user.id)).await?;
    Ok(shown)
}
