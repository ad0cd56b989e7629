//! The Google account signs in no more.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// The Google account signs in no more.
#[derive(Clone, Serialize, Deserialize)]
pub struct GoogleDisconnected {
    #[serde(flatten)]
    about: About,
    link: String,
}

templates!(GoogleDisconnected, "mail/google_disconnected.txt", "mail/google_disconnected.html");

impl Kind for GoogleDisconnected {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "Your Google account was disconnected from AIUS".to_owned()
    }
}

impl Message {
    /// The news that the Google account signs in no more.
    pub fn google_disconnected(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::GoogleDisconnected(GoogleDisconnected { about, link: account_link(ctx) })
    }
}
