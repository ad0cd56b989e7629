//! A recovery code took the second factor's place.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::{About, account_link};
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::context::Context;
use crate::requester::Requester;

/// So many or fewer are gone before one thinks of it.
const FEW: usize = 3;

/// A recovery code took the second factor's place.
#[derive(Clone, Serialize, Deserialize)]
pub struct RecoveryCodeUsed {
    #[serde(flatten)]
    about: About,
    link: String,
    left: usize,
}

templates!(RecoveryCodeUsed, "mail/recovery_code_used.txt", "mail/recovery_code_used.html");

impl RecoveryCodeUsed {
    /// Whether it is time to make new ones.
    fn few(&self) -> bool {
        self.left <= FEW
    }
}

impl Kind for RecoveryCodeUsed {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        "A recovery code of your AIUS account was used".to_owned()
    }
}

impl Message {
    /// The news that a recovery code was used; `left` are left.
    pub fn recovery_code_used(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        left: usize,
    ) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::RecoveryCodeUsed(RecoveryCodeUsed { about, link: account_link(ctx), left })
    }
}
