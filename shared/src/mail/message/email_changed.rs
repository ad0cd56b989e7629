//! The account has another address. Goes to the one before, from where it can be undone.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, masked};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::requester::Requester;
use crate::values::EmailAddress;

/// The account has another address. Goes to the one before, from where it can be undone.
#[derive(Clone, Serialize, Deserialize)]
pub struct EmailChanged {
    #[serde(flatten)]
    about: About,
    /// The new address, masked.
    new: String,
    undo_link: String,
    undo_until: Timestamp,
}

templates!(EmailChanged, "mail/email_changed.txt", "mail/email_changed.html");

impl Kind for EmailChanged {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "Your AIUS email address was changed".to_owned()
    }

    fn expires_at(&self) -> Timestamp {
        self.undo_until
    }
}

/// The link that undoes a change of the email address.
#[derive(Clone, Debug)]
pub struct UndoLink {
    /// The URL of the page that undoes the change.
    pub url: String,
    /// The time until which the link works. The mail is not delivered later.
    pub expires_at: Timestamp,
}

impl Message {
    /// Creates the mail to the previous address after a change. `user` is the account before the change.
    pub fn email_changed(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        new: &EmailAddress,
        undo: UndoLink,
    ) -> Self {
        let about = About::new(ctx, requester, &user.name);
        let UndoLink { url: undo_link, expires_at: undo_until } = undo;
        Self::EmailChanged(EmailChanged { about, new: masked(new), undo_link, undo_until })
    }
}
