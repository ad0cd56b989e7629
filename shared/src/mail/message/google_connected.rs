//! A Google account signs in to the account.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link, masked};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;
use crate::values::EmailAddress;

/// A Google account signs in to the account.
#[derive(Clone, Serialize, Deserialize)]
pub struct GoogleConnected {
    #[serde(flatten)]
    about: About,
    link: String,
    /// The Google account's address, masked.
    google_address: String,
}

templates!(GoogleConnected, "mail/google_connected.txt", "mail/google_connected.html");

impl Kind for GoogleConnected {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "A Google account was connected to your AIUS account".to_owned()
    }
}

impl Message {
    /// The news that a Google account signs in to the account.
    pub fn google_connected(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        google_address: &EmailAddress,
    ) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::GoogleConnected(GoogleConnected {
            about,
            link: account_link(ctx),
            google_address: masked(google_address),
        })
    }
}
