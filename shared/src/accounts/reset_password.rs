//! Resetting a forgotten password with a mailed link or code.

use super::free_grant::grant_free_credits;
use super::mailed_link::{LinkPurpose, MailedLink, link_key};
use super::one_time_token::OneTimeToken;
use super::password::{self, Password};
use super::recent_access::{EndedAccess, RecentAccess, TokensToEnd};
use super::{User, change_password};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Tx, retry_from};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::mailed_codes::{self, CodeKey, MailedCode, VerifiedCode};
use crate::requester::Requester;
use crate::throttle::Throttle;
use crate::values::{CodePurpose, EmailAddress};

/// What a request presents to set a new password.
#[derive(Clone, Copy, Debug)]
pub enum ResetCredential<'a> {
    /// The token of a mailed link.
    Link(&'a str),
    /// The address and the code that was mailed to it.
    Code {
        /// Address of the account.
        email: &'a EmailAddress,
        /// The code as typed.
        code: &'a str,
    },
}

/// A credential that was found, and is not used up yet.
enum VerifiedCredential {
    Link(MailedLink),
    Code(VerifiedCode),
}

/// Sets a new password and ends all sessions of the account, and what was added to it in the last days. The
/// credential also verifies the address.
///
/// This works while sign-ins are delayed, so that an attacker who locks an account never keeps its owner
/// from recovering it. Wrong codes use up the code, and never a link.
///
/// # Errors
/// - [`Error::Missing`], [`Error::InvalidField`] or [`Error::PasswordTooWeak`] if the new password breaks
///   the rules.
/// - [`Error::InvalidCode`] if the link or code is wrong, expired, used up, or for another address, or if the
///   password has changed since the link was mailed.
/// - [`Error::RateLimited`] after too many requests from one network.
pub async fn reset_password(
    ctx: &Context,
    requester: &Requester,
    credential: ResetCredential<'_>,
    new: String,
) -> Result<EndedAccess> {
    // A password that breaks the rules is refused before it costs an attempt to enter the code.
    let email = match credential {
        ResetCredential::Code { email, .. } => Some(email),
        ResetCredential::Link(_) => None,
    };
    let new = Password::parse_new("new_password", new, email)?;
    let verified = &VerifiedCredential::verify(ctx, requester, credential).await?;
    let read_state = || async {
        let id = verified.user_id();
        let key = keys::user(id);
        let (user, recent) = tokio::try_join!(
            ctx.table.get::<User>(&key),
            RecentAccess::read(ctx, id, TokensToEnd::Recent)
        )?;
        let user = user.ok_or(Error::InvalidCode)?;
        verified.require_valid(ctx, &user)?;
        Ok::<_, Error>((user, recent))
    };
    let (user, recent) = read_state().await?;
    new.require_different_from_email(&user.email)?;
    new.require_different_from(&user.name)?;
    password::require_not_breached(ctx, &new).await?;
    let hashed = &password::hash(ctx, new).await?;
    let attempt = |(user, recent): (User, RecentAccess)| async move {
        let mut tx = ctx.table.transaction();
        verified.consume(&mut tx)?;
        let (user, ended) = if user.email_verified {
            recent.end(ctx, &mut tx, requester, user).await?
        } else {
            // A squatter may have registered an account that was never verified.
            grant_free_credits(ctx, &mut tx, &user).await?;
            (user.reset_unverified(ctx, &mut tx)?, EndedAccess::default())
        };
        let user = user.with_password(Some(hashed.clone()));
        let user = User { email_verified: true, ..user };
        let user = change_password::store_with_new_password(ctx, &mut tx, requester, user).await?;
        let entry = AuditEvent::for_account(ctx, requester, Action::PasswordReset, &user.id);
        tx.commit(ended.describe(entry)).await?;
        Ok(ended)
    };
    retry_from(ctx, (user, recent), read_state, attempt).await
}

impl VerifiedCredential {
    async fn verify(
        ctx: &Context,
        requester: &Requester,
        credential: ResetCredential<'_>,
    ) -> Result<Self> {
        let throttle = Throttle::unauthenticated("reset-password");
        let throttled = throttle.count_request(ctx, requester);
        match credential {
            ResetCredential::Code { email, code } => {
                let code = MailedCode::parse(code);
                let key = CodeKey::for_address(CodePurpose::ResetPassword, email);
                let verified = mailed_codes::verify_code(ctx, &key, code.as_ref());
                let (throttled, verified) = tokio::join!(throttled, verified);
                throttled?;
                Ok(Self::Code(verified?))
            }
            ResetCredential::Link(token) => {
                let Some(token) = OneTimeToken::parse(token) else {
                    throttled.await?;
                    return Err(Error::InvalidCode);
                };
                let key = link_key(&token);
                let ((), link) = tokio::try_join!(throttled, ctx.table.get(&key))?;
                Ok(Self::Link(link.ok_or(Error::InvalidCode)?))
            }
        }
    }

    fn user_id(&self) -> &UserId {
        match self {
            Self::Link(link) => link.user_id(),
            Self::Code(code) => &code.user_id,
        }
    }

    /// Requires that the credential is for the account as it is now.
    fn require_valid(&self, ctx: &Context, user: &User) -> Result<()> {
        match self {
            Self::Link(link) => link.require_valid(ctx, user, LinkPurpose::NewPassword),
            Self::Code(code) if *code.address() != user.email => Err(Error::InvalidCode),
            Self::Code(_) if user.is_past_grace_period(ctx.now()) => Err(Error::InvalidCode),
            Self::Code(_) => Ok(()),
        }
    }

    fn consume(&self, tx: &mut Tx<'_>) -> Result<()> {
        match self {
            Self::Link(link) => link.consume(tx),
            Self::Code(code) => code.consume(tx),
        }
    }
}
