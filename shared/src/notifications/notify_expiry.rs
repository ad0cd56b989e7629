//! Warnings that a personal token or an API key expires soon.

use super::channels::{Channel, ChannelChoices};
use super::notification::{Notification, is_recent, notify_user, recipient_keys};
use super::notify_members::{MembersStep, notify_members};
use crate::clock::Timestamp;
use crate::context::Context;
use crate::error::Result;
use crate::ids::UserId;
use crate::jobs::{Job, JobRecord, Progress, complete_step};
use crate::mail::{ExpiringTokenParams, Message};
use crate::organizations::{Member, Role};
use crate::tokens::expiry_reminder::{ExpiringToken, find_expiring_token};
use crate::values::{Name, TokenHolder};

/// A token that expires soon.
#[derive(Clone, Debug)]
pub struct TokenExpiry {
    /// The account or organization that the token acts as.
    pub holder: TokenHolder,
    /// The token's number within its holder.
    pub number: u32,
    /// When the token expires.
    pub expires_at: Timestamp,
    /// How many days before the expiry the warning was due.
    pub days_left: u8,
    /// When the warning was enqueued.
    pub at: Timestamp,
}

/// The warning that a token expires.
struct ExpiryNotification<'a> {
    expiry: &'a TokenExpiry,
    expiring: ExpiringToken,
}

impl Notification for ExpiryNotification<'_> {
    fn unique_name(&self) -> String {
        let TokenExpiry { holder, number, expires_at, days_left, .. } = self.expiry;
        format!("expiry {holder} {number} {expires_at} {days_left}")
    }

    fn occurred_at(&self) -> Timestamp {
        self.expiry.at
    }

    fn is_for_member(&self, member: &Member) -> bool {
        matches!(member.role, Role::Owner | Role::Admin)
    }

    /// Returns mail, regardless of the preferences, because the warning is about access.
    fn channels(&self, _: ChannelChoices) -> Vec<Channel> {
        vec![Channel::Mail]
    }

    // A person has few tokens, and must see the warning.
    fn is_limited(&self) -> bool {
        false
    }

    fn mail(&self, ctx: &Context, name: &Name) -> Message {
        let ExpiringToken { token, organization } = &self.expiring;
        let expiring = ExpiringTokenParams {
            token: &token.name,
            masked: &token.masked(),
            organization: organization.as_ref().map(|organization| &organization.name),
            expires_at: self.expiry.expires_at,
        };
        Message::token_expires(ctx, name, expiring, self.expiry.at)
    }
}

/// Warns the user of a personal token, or the next batch of an organization's members about an API key: the owner and
/// the admins. `after` is the last member of the previous batch. Sends nothing if the token is not valid anymore.
///
/// # Errors
///
/// * [`Error::Unavailable`](crate::error::Error::Unavailable) if the table is unavailable.
/// * [`AttemptError::Conflict`](crate::dynamo::AttemptError::Conflict) if another worker completed the same step.
pub async fn notify_expiry(
    ctx: &Context,
    record: &JobRecord,
    expiry: &TokenExpiry,
    after: Option<&UserId>,
) -> Result<()> {
    let found = find_expiring_token(ctx, &expiry.holder, expiry.number).await?;
    let found = found.filter(|found| found.token.expires_at == Some(expiry.expires_at));
    let warning = found.map(|expiring| ExpiryNotification { expiry, expiring });
    let Some(warning) = warning.filter(|warning| is_recent(ctx, warning)) else {
        return complete_step(ctx, record, Progress::Done).await;
    };
    match &expiry.holder {
        TokenHolder::User(user) => {
            let found = ctx.table.batch_get_any(&recipient_keys(user)).await?;
            notify_user(ctx, &warning, &found, user.clone()).await?;
            complete_step(ctx, record, Progress::Done).await
        }
        TokenHolder::Organization(organization_id) => {
            let job_after = |last| {
                let TokenExpiry { holder, number, expires_at, days_left, at } = expiry.clone();
                let after = Some(last);
                Job::NotifyExpiry { holder, number, expires_at, days_left, at, after }
            };
            let step = MembersStep { record, organization_id, after };
            notify_members(ctx, step, &warning, job_after).await
        }
    }
}
