//! Ten new recovery codes.

use super::recovery::RecoveryCodes;
use super::{Code, SecondFactor, count_signed_in_guess, spend};
use crate::accounts::User;
use crate::accounts::guesses::Guessed;
use crate::accounts::password::Password;
use crate::accounts::prove_owner::{prove_owner, read_proven};
use crate::activity::{Action, Entry, Scope};
use crate::context::Context;
use crate::dynamo::{Condition, retry_from};
use crate::error::{Error, Result};
use crate::mail::{self, Message};
use crate::requester::Requester;
use crate::sessions::{self, Authenticated};

/// Replaces the recovery codes and ends all other sessions; the old codes are void. Takes both
/// factors, and fails, like [`disable`](super::disable::disable).
pub async fn replace_recovery_codes(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    password: Option<Password>,
    code: &str,
) -> Result<Vec<String>> {
    let user = &signed_in.user;
    if user.second_factor.is_none() {
        return Err(Error::TwoFactorNotEnabled);
    }
    prove_owner(ctx, signed_in, "password", password).await?;
    let code = &Code::parse(code);
    count_signed_in_guess(ctx, user, code).await?;
    let attempt = |before: User| attempt(ctx, requester, signed_in, before, code);
    retry_from(ctx, user.clone(), || read_proven(ctx, signed_in), attempt).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    signed_in: &Authenticated,
    before: User,
    code: &Code,
) -> Result<Vec<String>> {
    let unchanged = Condition::equal("version", before.version)?;
    let keyring = ctx.secrets.keyring().await;
    let mut tx = ctx.table.transaction();
    let (user, _) = spend(ctx, &mut tx, requester, before, code).await?;
    let (recovery_codes, shown) = RecoveryCodes::generate(ctx, &keyring, &user.id);
    let user = User {
        second_factor: user.second_factor.map(|factor| SecondFactor { recovery_codes, ..factor }),
        session_generation: user.session_generation + 1,
        version: user.version + 1,
        ..user
    };
    tx.put(&user, unchanged, Error::Conflict)?;
    sessions::keep(&mut tx, &signed_in.session, user.session_generation)?;
    Guessed::password(&keyring, &user.email).forget(&mut tx)?;
    let message = Message::recovery_codes_replaced(ctx, requester, &user);
    mail::queue(ctx, &keyring, &mut tx, &user.email, message)?;
    let (scope, action) = (Scope::User(user.id.clone()), Action::RecoveryCodesReplaced);
    tx.commit(Entry::new(ctx, requester, &scope, action, &user.id, &user.id)).await?;
    Ok(shown)
}
