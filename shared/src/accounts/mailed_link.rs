//! Links in mails that act on an account without a sign-in. Their tokens have 256 random bits, so that nobody
//! can guess them, and are valid once.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::User;
use super::one_time_token::OneTimeToken;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::dynamo::{Condition, Key, Range, Record, SortKeyCondition, Tx};
use crate::error::{Error, Result};
use crate::ids::UserId;
use crate::keys;
use crate::mail::{ActionLink, LinkedPage};
use crate::values::EmailAddress;

/// Time within which a mailed link sets a new password.
pub const RESET_LINK_TTL: Duration = Duration::from_secs(30 * 60);

/// Time within which the link in a security notice secures the account: the owner may be on vacation.
pub const NOT_ME_LINK_TTL: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Maximum number of links in an export.
pub const MAX_EXPORTED_LINKS: usize = 100;

/// What a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum LinkPurpose {
    /// Sets a new password.
    NewPassword,
    /// Secures the account, because its owner did not make a change that a mail reported.
    NotMe,
}

/// A link as stored. Its token is in the mail alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MailedLink {
    user_id: UserId,
    hash: String,
    purpose: LinkPurpose,
    /// Address that the link was mailed to.
    pub(super) email: EmailAddress,
    /// The user's `password_generation`. A link for a new password is void after a change of the password.
    password_generation: u32,
    expires_at: Timestamp,
}

impl Record for MailedLink {
    fn key(&self) -> Key {
        keys::mailed_link(&self.user_id, &self.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        Some(self.expires_at.seconds())
    }
}

impl LinkPurpose {
    const fn ttl(self) -> Duration {
        match self {
            Self::NewPassword => RESET_LINK_TTL,
            Self::NotMe => NOT_ME_LINK_TTL,
        }
    }

    const fn page(self) -> LinkedPage {
        match self {
            Self::NewPassword => LinkedPage::ResetPassword,
            Self::NotMe => LinkedPage::NotMe,
        }
    }
}

/// Adds a link to `tx`, for a mail to the address of the account that the same transaction queues.
pub(super) fn create_link(
    ctx: &Context,
    tx: &mut Tx<'_>,
    user: &User,
    purpose: LinkPurpose,
) -> Result<ActionLink> {
    let token = OneTimeToken::generate(&*ctx.random, &user.id);
    let expires_at = ctx.now().plus(purpose.ttl());
    tx.put_new(&MailedLink {
        user_id: user.id.clone(),
        hash: token.hash(),
        purpose,
        email: user.email.clone(),
        password_generation: user.password_generation,
        expires_at,
    })?;
    let url = purpose.page().link(ctx, token.reveal());
    Ok(ActionLink { url, expires_at })
}

/// A row that costs as much as a link, and belongs to no account.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct DecoyLink(MailedLink);

impl Record for DecoyLink {
    fn key(&self) -> Key {
        keys::decoy_link(&self.0.hash)
    }

    fn expires_at(&self) -> Option<i64> {
        self.0.expires_at()
    }
}

/// Adds a decoy of a link to `tx`, for an address that gets no mail.
pub(super) fn put_decoy_link(ctx: &Context, tx: &mut Tx<'_>) -> Result<()> {
    let token = OneTimeToken::generate(&*ctx.random, &UserId::generate(&*ctx.random));
    tx.put_new(&DecoyLink(MailedLink {
        user_id: token.user_id().clone(),
        hash: token.hash(),
        purpose: LinkPurpose::NewPassword,
        email: EmailAddress::parse("nobody@example.com")?,
        password_generation: 0,
        expires_at: ctx.now().plus(RESET_LINK_TTL),
    }))
}

/// Returns the key of the row behind a token.
pub(super) fn link_key(token: &OneTimeToken) -> Key {
    keys::mailed_link(token.user_id(), &token.hash())
}

impl MailedLink {
    /// Returns the account of the link.
    pub(super) fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// Requires that the link still works for the account.
    ///
    /// # Errors
    /// [`Error::InvalidCode`] if it has expired or is for another purpose, or if the account is due for erasure. A link
    /// for a new password also fails with it if the password or the address has changed since.
    pub(super) fn require_valid(
        &self,
        ctx: &Context,
        user: &User,
        purpose: LinkPurpose,
    ) -> Result<()> {
        let is_current = match purpose {
            LinkPurpose::NotMe => true,
            LinkPurpose::NewPassword => {
                self.password_generation == user.password_generation && self.email == user.email
            }
        };
        let is_valid = is_current
            && self.purpose == purpose
            && ctx.now() < self.expires_at
            && !user.is_past_grace_period(ctx.now());
        if is_valid { Ok(()) } else { Err(Error::InvalidCode) }
    }

    /// Adds the deletion of the link to `tx`. The commit fails with [`Error::InvalidCode`] if another request
    /// has used it.
    pub(super) fn consume(&self, tx: &mut Tx<'_>) -> Result<()> {
        tx.delete(&self.key(), Some(Condition::Exists), Error::InvalidCode)
    }
}

/// A link in a mail, without its token.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedLink {
    /// What the link does.
    purpose: LinkPurpose,
    /// Address that it was mailed to.
    #[schema(example = "dev@example.com")]
    email: String,
    /// Time from which it has no effect.
    expires_at: Timestamp,
}

/// Reads the links that were mailed to a user and are still stored, at most 100.
///
/// # Errors
/// [`Error::Unavailable`] if the table does not respond.
pub(super) async fn read_links(ctx: &Context, user: &User) -> Result<Vec<ExportedLink>> {
    let pk = &user.key().pk;
    let range = Range { pk, sort_keys: SortKeyCondition::Prefix(keys::MAILED_LINKS) };
    let links = ctx.table.query_first::<MailedLink>(&range, MAX_EXPORTED_LINKS).await?;
    let exported = links.items.into_iter().map(|link| ExportedLink {
        purpose: link.purpose,
        email: link.email.to_string(),
        expires_at: link.expires_at,
    });
    Ok(exported.collect())
}
