//! Somebody signed in from where the account wasn't used before.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Somebody signed in from where the account wasn't used before.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewDevice {
    #[serde(flatten)]
    about: About,
    link: String,
}

templates!(NewDevice, "mail/new_device.txt", "mail/new_device.html");

impl Kind for NewDevice {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "New sign-in to your AIUS account".to_owned()
    }
}

impl Message {
    /// The news of a sign-in from a device or network that wasn't seen before.
    pub fn new_device(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::NewDevice(NewDevice { about, link: account_link(ctx) })
    }
}
