//! The code that lets somebody choose another password.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::About;
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::context::Context;
use crate::mailed_codes::{self, MailedCode};
use crate::requester::Requester;

/// The code that lets somebody choose another password.
#[derive(Clone, Serialize, Deserialize)]
pub struct ResetCode {
    #[serde(flatten)]
    about: About,
    code: String,
}

templates!(ResetCode, "mail/reset_code.txt", "mail/reset_code.html");

impl Kind for ResetCode {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        format!("{} is your AIUS password reset code", self.code)
    }

    fn expires_at(&self) -> Timestamp {
        self.about.when().plus(mailed_codes::CODE_TTL)
    }
}

impl Message {
    pub(super) fn reset_code(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        code: &MailedCode,
    ) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::ResetCode(ResetCode { about, code: code.reveal().to_owned() })
    }
}
