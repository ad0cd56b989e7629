//! The account is going to be erased.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::requester::Requester;

/// The account is going to be erased.
#[derive(Clone, Serialize, Deserialize)]
pub struct DeletionScheduled {
    #[serde(flatten)]
    about: About,
    link: String,
    due_at: Timestamp,
}

templates!(DeletionScheduled, "mail/deletion_scheduled.txt", "mail/deletion_scheduled.html");

impl Kind for DeletionScheduled {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "Your AIUS account is going to be erased".to_owned()
    }
}

impl Message {
    /// The news that the account is erased at `due_at`, unless somebody signs in before and restores
    /// it.
    pub fn deletion_scheduled(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        due_at: Timestamp,
    ) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::DeletionScheduled(DeletionScheduled { about, link: account_link(ctx), due_at })
    }
}
