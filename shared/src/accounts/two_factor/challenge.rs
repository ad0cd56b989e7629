//! Between the first factor and the second: whoever has proven the first gets a token to come back
//! with, and a few tries.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Code, count_guess, spend};
use crate::accounts::User;
use crate::accounts::finish_sign_in::{self, SignInAnswer};
use crate::accounts::guesses::{Failures, Guessed};
use crate::accounts::one_time::OneTimeToken;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Record, Tx, Update, retry_conflicts, retry_from};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::requester::Requester;
use crate::sessions::Method;
use crate::values::EmailAddress;
use crate::{keys, throttle};

/// How long the token is good for.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// Codes that are judged for one token.
const MOST_TRIES: u32 = 5;

/// A sign-in that waits for its second factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Challenge {
    user_id: UserId,
    hash: String,
    /// The user's sessions that the sign-in would belong to: whatever ends those, such as a new
    /// password, ends this too.
    generation: u32,
    /// How the first factor was proven.
    pub(super) method: Method,
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

/// The answer to a sign-in that needs a second factor.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SecondFactorRequired {
    /// Always true.
    #[schema(example = true)]
    pub requires_2fa: bool,
    /// For `/2fa/login`: good for 5 minutes, 5 tries, one sign-in.
    #[schema(example = "usr_mfrggzdfmztwq2lknnwg23tpoa.kR0x…")]
    pub challenge_token: String,
    /// The account's address.
    #[schema(value_type = String, example = "dev@example.com")]
    pub email: EmailAddress,
    /// For people.
    #[schema(example = "Two-factor authentication required")]
    pub message: String,
}

/// Adds a challenge to the change that proved the first factor.
pub(in crate::accounts) fn issue(
    ctx: &Context,
    tx: &mut Tx<'_>,
    user: &User,
    method: Method,
) -> Result<SecondFactorRequired> {
    let token = OneTimeToken::generate(&*ctx.random, &user.id);
    tx.put_new(&Challenge {
        user_id: user.id.clone(),
        hash: token.hash(),
        generation: user.session_generation,
        method,
        tries: 0,
        expires_at: ctx.now().plus(LIFETIME),
    })?;
    Ok(SecondFactorRequired {
        requires_2fa: true,
        challenge_token: token.reveal().to_owned(),
        email: user.email.clone(),
        message: "Two-factor authentication required".to_owned(),
    })
}

/// Ends a sign-in with its second factor. [`Error::InvalidChallenge`] for a token that is unknown,
/// used, too old or out of tries; [`Error::WrongSecondFactor`] for a wrong code;
/// [`Error::RateLimited`] after ten wrong ones for the account.
pub async fn answer(
    ctx: &Context,
    requester: &Requester,
    token: &str,
    code: &str,
) -> Result<SignInAnswer> {
    let (token, code) = (OneTimeToken::parse(token), &Code::parse(code));
    let throttle = throttle::unauthenticated("second-factor");
    let (throttled, challenge, before) = tokio::join!(
        throttle.hit(ctx, requester),
        count_try(ctx, token.as_ref()),
        read(ctx, token.as_ref())
    );
    throttled?;
    let challenge = &challenge?;
    let (user, failures) = before?;
    let user = challenge.still_for(ctx, user)?;
    count_guess(ctx, &user, failures, code).await?;
    let read = || async { challenge.still_for(ctx, read(ctx, token.as_ref()).await?.0) };
    let attempt = |before: User| attempt(ctx, requester, challenge, before, code);
    let answered = retry_from(ctx, user, read, attempt).await;
    if let Err(Error::InvalidCode) = answered { Err(Error::WrongSecondFactor) } else { answered }
}

/// Counts a try before it is judged: however many come at once, no more than [`MOST_TRIES`] are.
async fn count_try(ctx: &Context, token: Option<&OneTimeToken>) -> Result<Challenge> {
    let token = token.ok_or(Error::InvalidChallenge)?;
    retry_conflicts(ctx, || async {
        let may_be_tried = Condition::All(vec![
            Condition::less("tries", MOST_TRIES)?,
            Condition::greater("expires_at", ctx.now())?,
        ]);
        let count = Update::new(keys::challenge(token.user_id(), &token.hash())).add("tries", 1);
        ctx.table.update(count.only_if(may_be_tried)).await?.ok_or(Error::InvalidChallenge)
    })
    .await
}

/// The user, and the wrong codes that are counted against them. The token says whose it is, so that
/// this needn't wait for the challenge.
async fn read(
    ctx: &Context,
    token: Option<&OneTimeToken>,
) -> Result<(Option<User>, Option<Failures>)> {
    let user_id = token.ok_or(Error::InvalidChallenge)?.user_id();
    let guessed = Guessed::second_factor(&*ctx.secrets.keyring().await, user_id);
    let (user, failures) = (keys::user(user_id), guessed.key());
    let mut found = ctx.table.batch_get(&[user.clone(), failures.clone()]).await?;
    Ok((found.take(&user)?, found.take(&failures)?))
}

impl Challenge {
    fn still_for(&self, ctx: &Context, user: Option<User>) -> Result<User> {
        let user = user.filter(|user| {
            user.session_generation == self.generation
                && user.second_factor.is_some()
                && !user.is_over(ctx.now())
        });
        user.ok_or(Error::InvalidChallenge)
    }
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    challenge: &Challenge,
    before: User,
    code: &Code,
) -> Result<SignInAnswer> {
    let mut tx = ctx.table.transaction();
    tx.delete(&challenge.key(), Some(Condition::Exists), Error::InvalidChallenge)?;
    let (user, second) = spend(ctx, &mut tx, requester, before, code).await?;
    let methods = vec![challenge.method, second];
    let message = "Login successful";
    let done = finish_sign_in::start(ctx, &mut tx, requester, user, methods, message).await?;
    done.store_on(&mut tx)?;
    tx.commit(done.entry).await?;
    Ok(SignInAnswer::SignedIn(done.answer))
}
