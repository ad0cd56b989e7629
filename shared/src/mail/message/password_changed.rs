//! The account has another password.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// The account has another password.
#[derive(Clone, Serialize, Deserialize)]
pub struct PasswordChanged {
    #[serde(flatten)]
    about: About,
    link: String,
}

templates!(PasswordChanged, "mail/password_changed.txt", "mail/password_changed.html");

impl Kind for PasswordChanged {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "Your AIUS password was changed".to_owned()
    }
}

impl Message {
    /// The news of another password.
    pub fn password_changed(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::PasswordChanged(PasswordChanged { about, link: account_link(ctx) })
    }
}
