//! Securing an account whose owner did not make a change that a mail reported.

use super::User;
use super::email_change::restore_address;
use super::end_password::end_password;
use super::mailed_link::{LinkPurpose, MailedLink, link_key};
use super::one_time_token::OneTimeToken;
use super::recent_access::{EndedAccess, RecentAccess, TokensToEnd};
use crate::activity::{Action, AuditEvent};
use crate::context::Context;
use crate::dynamo::{Attempt, retry_conflicts};
use crate::error::{Error, Result};
use crate::keys;
use crate::mail::NewPasswordReason;
use crate::requester::Requester;
use crate::throttle::Throttle;

/// Ends all sessions, what was added to the account in the last days, and the password. Mails a link that sets a
/// new one to the address that got the notice. If the address has been changed since, it is restored. A reset of the
/// second factor that waits is stopped, which is mailed as well.
///
/// # Errors
/// - [`Error::InvalidCode`] if the token is unknown, used or expired, or if the address that got it belongs to the
///   account no longer and cannot be restored.
/// - [`Error::RateLimited`] after too many requests from one network.
pub async fn secure_account(
    ctx: &Context,
    requester: &Requester,
    token: &str,
) -> Result<EndedAccess> {
    Throttle::unauthenticated("not-me").count_request(ctx, requester).await?;
    let token = OneTimeToken::parse(token).ok_or(Error::InvalidCode)?;
    retry_conflicts(ctx, || attempt(ctx, requester, &token)).await
}

async fn attempt(
    ctx: &Context,
    requester: &Requester,
    token: &OneTimeToken,
) -> Attempt<EndedAccess> {
    let keys = [keys::user(token.user_id()), link_key(token)];
    let recent = RecentAccess::read(ctx, token.user_id(), TokensToEnd::Recent);
    let (mut found, recent) = tokio::try_join!(ctx.table.batch_get(&keys), recent)?;
    let user: User = found.take(&keys[0])?.ok_or(Error::InvalidCode)?;
    let link: MailedLink = found.take(&keys[1])?.ok_or(Error::InvalidCode)?;
    link.require_valid(ctx, &user, LinkPurpose::NotMe)?;
    let mut tx = ctx.table.transaction();
    link.consume(&mut tx)?;
    let user = restore_address(ctx, &mut tx, user, &link.email).await?;
    // A link that was mailed to a thief's address has no power once the owner has restored another.
    if user.email != link.email {
        return Err(Error::InvalidCode.into());
    }
    let (user, ended) = recent.end(ctx, &mut tx, requester, user).await?;
    end_password(ctx, &mut tx, requester, user, NewPasswordReason::NotMe).await?;
    let action = Action::AccountSecured;
    let entry = AuditEvent::for_account(ctx, requester, action, token.user_id());
    tx.commit(ended.describe(entry)).await?;
    Ok(ended)
}
