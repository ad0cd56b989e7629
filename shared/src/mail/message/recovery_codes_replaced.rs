//! There are new recovery codes.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// There are new recovery codes.
#[derive(Clone, Serialize, Deserialize)]
pub struct RecoveryCodesReplaced {
    #[serde(flatten)]
    about: About,
    link: String,
}

templates!(
    RecoveryCodesReplaced,
    "mail/recovery_codes_replaced.txt",
    "mail/recovery_codes_replaced.html"
);

impl Kind for RecoveryCodesReplaced {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "Your AIUS recovery codes were replaced".to_owned()
    }
}

impl Message {
    /// The news that there are new recovery codes, and the old ones are void.
    pub fn recovery_codes_replaced(ctx: &Context, requester: &Requester, user: &User) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::RecoveryCodesReplaced(RecoveryCodesReplaced { about, link: account_link(ctx) })
    }
}
