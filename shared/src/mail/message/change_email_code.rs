//! The code that proves the address that an account is to have. It goes to that address.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::About;
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::mailed_codes::{self, MailedCode};
use crate::requester::Requester;

/// The code that proves the address that an account is to have. It goes to that address.
#[derive(Clone, Serialize, Deserialize)]
pub struct ChangeEmailCode {
    #[serde(flatten)]
    about: About,
    code: String,
}

templates!(ChangeEmailCode, "mail/change_email_code.txt", "mail/change_email_code.html");

impl Kind for ChangeEmailCode {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        format!("{} is your AIUS email change code", self.code)
    }

    fn expires_at(&self) -> Timestamp {
        self.about.when().plus(mailed_codes::CODE_TTL)
    }
}

impl Message {
    pub(super) fn change_email_code(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        code: &MailedCode,
    ) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::ChangeEmailCode(ChangeEmailCode { about, code: code.reveal().to_owned() })
    }
}
