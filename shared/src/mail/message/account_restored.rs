//! The account is not going to be erased any more.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// The account is not going to be erased any more.
#[derive(Clone, Serialize, Deserialize)]
pub struct AccountRestored {
    #[serde(flatten)]
    about: About,
    link: String,
}

templates!(AccountRestored, "mail/account_restored.txt", "mail/account_restored.html");

impl Kind for AccountRestored {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "Your AIUS account was restored".to_owned()
    }
}

impl Message {
    /// The news that the account is not going to be erased any more.
    pub fn account_restored(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::AccountRestored(AccountRestored { about, link: account_link(ctx) })
    }
}
