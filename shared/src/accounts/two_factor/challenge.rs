//! Challenges for the second factor. After the first factor, a sign-in gets a token that is valid for a few
//! minutes and a few attempts.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SecondFactorCode, consume_code, count_second_factor_attempt};
use crate::accounts::User;
use crate::accounts::attempt_limiter::{AttemptLimiter, FailedAttempts};
use crate::accounts::failed_sign_in::record_wrong_second_factor;
use crate::accounts::one_time_token::OneTimeToken;
use crate::accounts::start_session::{SignedIn, StartSessionParams, start_session};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Attempt, Condition, Key, Record, Tx, Update, retry_conflicts, retry_from};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::requester::Requester;
use crate::sessions::SignInMethod;
use crate::throttle::Throttle;
use crate::values::EmailAddress;

/// Lifetime of a challenge.
pub const CHALLENGE_TTL: Duration = Duration::from_secs(5 * 60);

/// Maximum number of codes that are checked for one challenge.
pub const MAX_CHALLENGE_ATTEMPTS: u32 = 5;

/// A sign-in that waits for its second factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::accounts) struct Challenge {
    user_id: UserId,
    hash: String,
    /// The user's session generation. Changes that end all sessions, such as a new password, end the
    /// challenge too.
    generation: u32,
    /// Method of the first factor.
    pub(super) method: SignInMethod,
    pub(super) tries: u32,
    pub(super) expires_at: Timestamp,
}

impl Record for Challenge {
    fn key(&self) -> Key {
        keys::challenge(&self.user_id, &self.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

/// The answer to a sign-in that requires the second factor.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SecondFactorRequired {
    /// Whether the sign-in requires a second factor; always `true`.
    #[schema(example = true)]
    pub requires_2fa: bool,
    /// Token for `/2fa/login`. It is valid for 5 minutes, 5 attempts and one sign-in.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa.kR0x…")]
    pub challenge_token: String,
    /// The email address of the account.
    #[schema(value_type = String, example = "dev@example.com")]
    pub email: EmailAddress,
    /// A message to show to the user. Its text may change.
    #[schema(example = "Two-factor authentication required")]
    pub message: String,
}

/// Adds a challenge to `tx`, the transaction that the first factor leads to, and returns the answer with
/// its token.
pub(in crate::accounts) fn issue_challenge(
    ctx: &Context,
    tx: &mut Tx<'_>,
    user: &User,
    method: SignInMethod,
) -> Result<SecondFactorRequired> {
    let token = OneTimeToken::generate(&*ctx.random, &user.id);
    tx.put_new(&Challenge {
        user_id: user.id.clone(),
        hash: token.hash(),
        generation: user.session_generation,
        method,
        tries: 0,
        expires_at: ctx.now().plus(CHALLENGE_TTL),
    })?;
    Ok(SecondFactorRequired {
        requires_2fa: true,
        challenge_token: token.reveal().to_owned(),
        email: user.email.clone(),
        message: "Two-factor authentication required".to_owned(),
    })
}

/// Finishes a sign-in with the second factor, and starts the session.
///
/// # Errors
/// - [`Error::InvalidChallenge`] if the token is unknown, used, expired or out of attempts.
/// - [`Error::WrongSecondFactor`] if the code is wrong or used up.
/// - [`Error::RateLimited`] after ten wrong codes for the account, or too many requests from one network.
pub async fn answer_challenge(
    ctx: &Context,
    requester: &Requester,
    token: &str,
    code: &str,
) -> Result<SignedIn> {
    let (token, code) = (OneTimeToken::parse(token), &SecondFactorCode::parse(code));
    let throttle = Throttle::unauthenticated("second-factor");
    let (throttled, challenge, before) = tokio::join!(
        throttle.count_request(ctx, requester),
        count_attempt(ctx, token.as_ref()),
        read_user(ctx, requester, token.as_ref())
    );
    throttled?;
    let challenge = &challenge?;
    let (user, failures) = before?;
    let user = challenge.require_valid_for(ctx, user)?;
    count_second_factor_attempt(ctx, requester, &user, failures, code).await?;
    let reload = || async {
        let (user, _) = read_user(ctx, requester, token.as_ref()).await?;
        challenge.require_valid_for(ctx, user)
    };
    let attempt = |before: User| attempt(ctx, requester, challenge, before, code);
    let user_id = user.id.clone();
    let answered = retry_from(ctx, user, reload, attempt).await;
    if let Err(Error::InvalidCode) = answered {
        record_wrong_second_factor(ctx, requester, &user_id, code.method()).await;
        return Err(Error::WrongSecondFactor);
    }
    answered
}

/// Returns the challenge of a token, so that a passkey can answer it. A passkey cannot be guessed, so this counts no
/// attempt.
///
/// # Errors
/// [`Error::InvalidChallenge`] if the token is unknown, used or expired.
pub(in crate::accounts) async fn find_challenge(ctx: &Context, token: &str) -> Result<Challenge> {
    let token = OneTimeToken::parse(token).ok_or(Error::InvalidChallenge)?;
    Challenge::read(ctx, token.user_id(), &token.hash()).await
}

/// Counts an attempt before the code is checked, so that no more than [`MAX_CHALLENGE_ATTEMPTS`] codes are
/// checked, even if many arrive at the same time.
async fn count_attempt(ctx: &Context, token: Option<&OneTimeToken>) -> Result<Challenge> {
    let token = token.ok_or(Error::InvalidChallenge)?;
    retry_conflicts(ctx, || async {
        let has_attempts_left = Condition::All(vec![
            Condition::less("tries", MAX_CHALLENGE_ATTEMPTS)?,
            Condition::greater("expires_at", ctx.now())?,
        ]);
        let count = Update::new(keys::challenge(token.user_id(), &token.hash())).add("tries", 1);
        let counted = ctx.table.update(count.only_if(has_attempts_left)).await?;
        counted.ok_or_else(|| Error::InvalidChallenge.into())
    })
    .await
}

/// Reads the user, and the failed attempts of the requester's device if it is known, or else those of all
/// unknown ones. The token contains the user id, so this runs in parallel with reading the challenge.
async fn read_user(
    ctx: &Context,
    requester: &Requester,
    token: Option<&OneTimeToken>,
) -> Result<(Option<User>, Option<FailedAttempts>)> {
    let user_id = token.ok_or(Error::InvalidChallenge)?.user_id();
    let keyring = ctx.secrets.keyring().await;
    let user = keys::user(user_id);
    let limiters = AttemptLimiter::second_factor_limiters(&keyring, user_id, requester);
    let [device, others] = limiters.map(|limiter| limiter.key());
    let mut found = ctx.table.batch_get(&[user.clone(), device.clone(), others.clone()]).await?;
    let user: Option<User> = found.take(&user)?;
    let is_known = |user: &User| user.known_devices.contain(&keyring, user_id, requester);
    let failures = if user.as_ref().is_some_and(is_known) { device } else { others };
    Ok((user, found.take(&failures)?))
}

impl Challenge {
    /// Reads a challenge of a user by the hash of its token.
    ///
    /// # Errors
    /// [`Error::InvalidChallenge`] if the user has no such challenge, or if it is used or expired.
    pub(in crate::accounts) async fn read(
        ctx: &Context,
        user: &UserId,
        hash: &str,
    ) -> Result<Self> {
        let challenge: Option<Self> = ctx.table.get(&keys::challenge(user, hash)).await?;
        let challenge = challenge.filter(|challenge| ctx.now() < challenge.expires_at);
        challenge.ok_or(Error::InvalidChallenge)
    }

    /// Returns the hash of the challenge's token.
    pub(in crate::accounts) fn hash(&self) -> &str {
        &self.hash
    }

    /// Uses the challenge up in `tx`, for a second factor that was right, and returns the method of the first factor.
    ///
    /// # Errors
    /// [`Error::InvalidChallenge`] if a change of the account has ended the challenge. The commit fails with it if the
    /// challenge has been used meanwhile.
    pub(in crate::accounts) fn answer(
        &self,
        ctx: &Context,
        tx: &mut Tx<'_>,
        user: &User,
    ) -> Result<SignInMethod> {
        self.check_valid_for(ctx, user)?;
        tx.delete(&self.key(), Some(Condition::Exists), Error::InvalidChallenge)?;
        Ok(self.method)
    }

    fn check_valid_for(&self, ctx: &Context, user: &User) -> Result<()> {
        let is_valid = user.session_generation == self.generation
            && user.second_factor.is_some()
            && !user.is_past_grace_period(ctx.now());
        if is_valid { Ok(()) } else { Err(Error::InvalidChallenge) }
    }

    fn require_valid_for(&self, ctx: &Context, user: Option<User>) -> Result<User> {
        let user = user.ok_or(Error::InvalidChallenge)?;
        self.check_valid_for(ctx, &user)?;
        Ok(user)
    }
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    challenge: &Challenge,
    before: User,
    code: &SecondFactorCode,
) -> Attempt<SignedIn> {
    let mut tx = ctx.table.transaction();
    let first = challenge.answer(ctx, &mut tx, &before)?;
    let (user, second) = consume_code(ctx, &mut tx, requester, before, code).await?;
    let methods = vec![first, second];
    let session = StartSessionParams { user, methods, message: "Login successful" };
    let session = start_session(ctx, &mut tx, requester, session).await?;
    session.store_user(&mut tx)?;
    tx.commit(session.entry).await?;
    Ok(session.answer)
}
