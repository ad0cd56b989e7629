//! Ending what a thief may have added to an account in the last days.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::User;
use super::passkeys;
use super::two_factor::reset::stop_waiting_reset;
use crate::activity::AuditEvent;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{AttemptError, Chunk, Tx};
use crate::error::Result;
use crate::ids::UserId;
use crate::keys;
use crate::mail::ResetStopMethod;
use crate::notifications::{StoredWebhook, read_stored_webhook};
use crate::requester::Requester;
use crate::tokens::list::list_latest;
use crate::tokens::revoke::put_revocation;
use crate::tokens::{IssuedTokens, Token};

/// Age up to which tokens, a Google connection, passkeys and a second factor are ended. It is as long as a link in a
/// notice about them works.
pub const RECENT_ACCESS_PERIOD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Maximum number of tokens that are revoked one by one. If there are more recent ones, all tokens end.
pub const MAX_RECENT_TOKENS: usize = 50;

/// What was ended, besides all sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct EndedAccess {
    /// Personal tokens of the last 7 days, the latest first, at most 50.
    pub tokens: Vec<EndedToken>,
    /// Whether all personal tokens were ended: because more than 50 were created in the last 7 days, or because a
    /// change of the address was undone.
    #[schema(example = false)]
    pub all_tokens: bool,
    /// Address of the Google account that was connected in the last 7 days; null if there was none.
    #[schema(required, example = "dev@gmail.com")]
    pub google_account: Option<String>,
    /// Number of passkeys that were ended, because they were added in the last 7 days.
    #[schema(example = 1)]
    pub passkeys: usize,
    /// Whether two-factor authentication was turned off, because it was turned on in the last 7 days.
    #[schema(example = false)]
    pub two_factor: bool,
    /// Whether the Slack webhook was removed. Notifications go to the address of the account instead.
    #[schema(example = true)]
    pub slack_webhook: bool,
}

/// A personal token that was ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EndedToken {
    /// Number of the token within the account.
    #[schema(example = 42)]
    pub id: u32,
    /// The name of the token.
    #[schema(example = "my-cli")]
    pub token_name: String,
}

/// The tokens that are ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokensToEnd {
    /// Those of the [`RECENT_ACCESS_PERIOD`].
    Recent,
    /// All, because the thief had the password for an unknown time.
    All,
}

/// What an account has beside its own row that may be ended, as read.
pub(super) struct RecentAccess {
    tokens: Chunk<Token>,
    tokens_to_end: TokensToEnd,
    webhook: StoredWebhook,
}

impl RecentAccess {
    /// Reads the latest tokens and the webhook, side by side.
    ///
    /// # Errors
    /// `Error::Unavailable` if the table does not respond.
    pub(super) async fn read(
        ctx: &Context,
        user: &UserId,
        tokens_to_end: TokensToEnd,
    ) -> Result<Self> {
        let (tokens, webhook) = tokio::try_join!(
            list_latest(ctx, user, MAX_RECENT_TOKENS),
            read_stored_webhook(ctx, user)
        )?;
        Ok(Self { tokens, tokens_to_end, webhook })
    }

    /// Ends in `tx` these tokens, what was added in the [`RECENT_ACCESS_PERIOD`] (the Google connection, the passkeys
    /// and the second factor), the Slack webhook, and a second factor that waits for its first code. A reset of the
    /// second factor that is ended is stopped, logged and mailed. The caller stores the returned user in `tx`, and ends
    /// the sessions.
    ///
    /// A Google account with which the account was created stays: nobody has added it.
    ///
    /// # Errors
    /// An internal error if a changed item cannot be serialized, or the mail about a stopped reset cannot be encrypted.
    /// The commit fails with [`AttemptError::Conflict`] if
    /// the webhook or a token has changed since it was read, or if the Google account is connected to another user.
    pub(super) async fn end(
        self,
        ctx: &Context,
        tx: &mut Tx<'_>,
        requester: &Requester,
        mut user: User,
    ) -> Result<(User, EndedAccess)> {
        let now = ctx.now();
        let is_recent = |at: Timestamp| now < at.plus(RECENT_ACCESS_PERIOD);
        let mut ended =
            EndedAccess { slack_webhook: self.webhook.end(tx)?, ..EndedAccess::default() };
        let latest = self.tokens.items.iter();
        let recent: Vec<_> = latest
            .take_while(|token| is_recent(token.created_at))
            .filter(|token| token.revoked_since(&user).is_none())
            .collect();
        let are_all_recent = self.tokens.items.iter().all(|token| is_recent(token.created_at));
        ended.all_tokens =
            self.tokens_to_end == TokensToEnd::All || self.tokens.more && are_all_recent;
        ended.tokens = recent.iter().map(|token| EndedToken::from(*token)).collect();
        if ended.all_tokens {
            user.tokens = IssuedTokens::revoke_all(user.tokens, now);
        } else {
            recent.into_iter().try_for_each(|token| put_revocation(tx, token, now))?;
        }
        let is_added = |at: Timestamp| is_recent(at) && at > user.created_at;
        if user.google.as_ref().is_some_and(|google| is_added(google.connected_at)) {
            user.delete_google_guard(tx)?;
            ended.google_account = user.google.take().map(|google| google.email.to_string());
        }
        ended.passkeys = passkeys::take_recent(tx, &mut user, is_recent)?;
        if user.second_factor.as_ref().is_some_and(|factor| is_recent(factor.since)) {
            user.second_factor = None;
            let method = ResetStopMethod::FactorEnded;
            stop_waiting_reset(ctx, tx, requester, &mut user, method).await?;
            ended.two_factor = true;
        }
        tx.delete(&keys::two_factor_setup(&user.id), None, AttemptError::Conflict)?;
        Ok((user, ended))
    }
}

impl From<&Token> for EndedToken {
    fn from(token: &Token) -> Self {
        Self { id: token.number, token_name: token.name.to_string() }
    }
}

impl EndedAccess {
    /// Adds what was ended to the audit event, without names and addresses.
    pub(super) fn describe(&self, entry: AuditEvent) -> AuditEvent {
        let numbers: Vec<_> = self.tokens.iter().map(|token| token.id.to_string()).collect();
        let tokens = if self.all_tokens { "all".to_owned() } else { numbers.join(", ") };
        let mut entry = entry;
        for (detail, was_ended) in [
            ("google", self.google_account.is_some()),
            ("passkeys", self.passkeys > 0),
            ("two_factor", self.two_factor),
            ("slack_webhook", self.slack_webhook),
        ] {
            if was_ended {
                entry = entry.with_detail(detail, "ended");
            }
        }
        if tokens.is_empty() { entry } else { entry.with_detail("tokens", tokens) }
    }
}
