//! Signing in with e-mail and password.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::password::{self, Password, PasswordVerified, Verdict};
use super::sign_in_failures::{self, Failures};
use super::{EmailAddress, EmailGuard, User, UserView, find_by_email};
use crate::context::Context;
use crate::dynamo::{Condition, Tx, Update, keys, retry_conflicts};
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::sessions::{self, Method, SessionToken};
use crate::throttle;

/// The answer to a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// Who signed in.
    pub user: UserView,
    /// For people.
    #[schema(example = "Login successful")]
    pub message: String,
    /// The session: the value of the cookie `__Host-aius_session`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsImtpZCI6InNlZWQifQ.e30.…")]
    pub session_token: String,
}

impl SignedIn {
    pub(crate) fn new(user: &User, message: &str, token: SessionToken) -> Self {
        Self {
            user: UserView::from(user),
            message: message.to_owned(),
            session_token: token.into_text(),
        }
    }
}

/// Starts a session for whoever knows the password.
///
/// [`Error::InvalidCredentials`] for a wrong password and for an address without an account, after
/// the same work; [`Error::EmailNotVerified`] for the right one of an unproven account;
/// [`Error::RateLimited`] after too many failures for the address or from the network.
pub async fn sign_in(
    ctx: &Context,
    requester: &Requester,
    email: &EmailAddress,
    password: Password,
) -> Result<SignedIn> {
    let keyring = ctx.secrets.keyring().await;
    let (guard_key, failures_key) = (keys::email(email), sign_in_failures::key(&keyring, email));
    let both = [guard_key.clone(), failures_key.clone()];
    let throttle = throttle::unauthenticated("sign-in");
    let ((), mut found) =
        tokio::try_join!(throttle.hit(ctx, requester), ctx.table.batch_get(&both))?;
    let guard: Option<EmailGuard> = found.take(&guard_key)?;
    let failures: Option<Failures> = found.take(&failures_key)?;
    let ((), user) = tokio::try_join!(
        sign_in_failures::count_attempt(ctx, &keyring, email, failures),
        find_by_email(ctx, guard.as_ref()),
    )?;
    let stored = user.as_ref().and_then(|user| user.password_hash.clone());
    let verdict = password::verify(ctx, password, stored.as_ref()).await?;
    let (Some(user), Verdict::Right(proof)) = (user, verdict) else {
        return Err(Error::InvalidCredentials);
    };
    if ctx.config.require_email_verification && !user.email_verified {
        sign_in_failures::forget_now(ctx, &keyring, email).await?;
        return Err(Error::EmailNotVerified);
    }
    let (checked, mut first) = (&user, Some(user.clone()));
    retry_conflicts(ctx, || {
        let (first, guard) = (first.take(), guard.as_ref());
        let (keyring, proof) = (&keyring, &proof);
        async move {
            let user = match first {
                Some(user) => user,
                // Somebody changed the account meanwhile: if it was the password, the proof is void.
                None => find_by_email(ctx, guard)
                    .await?
                    .filter(|user| user.has_password_of(checked))
                    .ok_or(Error::InvalidCredentials)?,
            };
            let mut tx = ctx.table.transaction();
            settle_password(&mut tx, &user, proof)?;
            sign_in_failures::forget(&mut tx, keyring, email)?;
            let started = sessions::start(ctx, &mut tx, requester, &user, Method::Password).await?;
            tx.commit(started.entry).await?;
            Ok(SignedIn::new(&user, "Login successful", started.token))
        }
    })
    .await
}

/// Stores the password hashed anew where that was due; either way the sign-in only stands if the
/// account is still as it was when the password was checked.
fn settle_password(tx: &mut Tx<'_>, user: &User, proof: &PasswordVerified) -> Result<()> {
    let key = keys::user(&user.id);
    let unchanged = Condition::equal("version", user.version)?;
    match &proof.rehashed {
        None => tx.check(&key, &unchanged, Error::Conflict),
        Some(hash) => {
            let rehash = Update::of(key).set("password_hash", hash)?.add("version", 1);
            tx.update(rehash.only_if(unchanged), Error::Conflict)
        }
    }
}
