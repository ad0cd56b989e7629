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

impl Message {
    /// The news of another address; `undo_link` works until `undo_until`, which is how long this is
    /// of use. `user` is as it was before the change.
    pub fn email_changed(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        new: &EmailAddress,
        undo_link: String,
        undo_until: Timestamp,
    ) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::EmailChanged(EmailChanged { about, new: masked(new), undo_link, undo_until })
    }
}
