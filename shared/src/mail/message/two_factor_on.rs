//! Signing in takes a second factor from now on.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// Signing in takes a second factor from now on.
#[derive(Clone, Serialize, Deserialize)]
pub struct TwoFactorOn {
    #[serde(flatten)]
    about: About,
    link: String,
}

templates!(TwoFactorOn, "mail/two_factor_on.txt", "mail/two_factor_on.html");

impl Kind for TwoFactorOn {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "Two-factor authentication is on for your AIUS account".to_owned()
    }
}

impl Message {
    /// The news that two-factor authentication was turned on.
    pub fn two_factor_on(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::TwoFactorOn(TwoFactorOn { about, link: account_link(ctx) })
    }
}
