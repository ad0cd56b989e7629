//! The pages that links in mails open.

use crate::context::Context;

/// A page that a link in a mail opens with a one-time token. Opening it changes nothing; its form sends the token.
///
/// The token is in the query, so that the page works without script. `docs/decisions/links-in-mails.md` states what
/// keeps it secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkedPage {
    /// Accepts or declines an invitation to an organization.
    Invitation,
    /// Sets a new password.
    ResetPassword,
    /// Undoes a change of the email address.
    UndoEmail,
    /// Secures an account whose owner did not make a change.
    NotMe,
}

impl LinkedPage {
    /// Every page that a mail links to.
    pub const ALL: [Self; 4] =
        [Self::Invitation, Self::ResetPassword, Self::UndoEmail, Self::NotMe];

    /// Returns the path of the page, below the public base URL.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Invitation => "/account/invitations/accept",
            Self::ResetPassword => "/account/reset-password",
            Self::UndoEmail => "/account/undo-email",
            Self::NotMe => "/account/not-me",
        }
    }

    /// Returns the link to the page. A token consists of characters that a query may contain.
    pub(crate) fn link(self, ctx: &Context, token: &str) -> String {
        format!("{}{}?token={token}", ctx.config.base_url, self.path())
    }
}
