//! Signing in takes no second factor any more.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Signing in takes no second factor any more.
#[derive(Clone, Serialize, Deserialize)]
pub struct TwoFactorOff {
    #[serde(flatten)]
    about: About,
    link: String,
}

templates!(TwoFactorOff, "mail/two_factor_off.txt", "mail/two_factor_off.html");

impl Kind for TwoFactorOff {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "Two-factor authentication is off for your AIUS account".to_owned()
    }
}

impl Message {
    /// The news that two-factor authentication was turned off.
    pub fn two_factor_off(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::TwoFactorOff(TwoFactorOff { about, link: account_link(ctx) })
    }
}
