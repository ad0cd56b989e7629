//! The code that proves a new account's address.

use serde::{Deserialize, Serialize};

use super::Message;
use super::about::About;
use super::kind::{Kind, templates};
use crate::accounts::User;
use crate::clock::Timestamp;
use crate::codes::{self, Code};
use crate::context::Context;
use crate::error::Result;
use crate::requester::Requester;
use crate::values::Name;

/// The code that proves a new account's address.
#[derive(Clone, Serialize, Deserialize)]
pub struct VerificationCode {
    #[serde(flatten)]
    about: About,
    code: String,
}

templates!(VerificationCode, "mail/verification_code.txt", "mail/verification_code.html");

impl Kind for VerificationCode {
    fn about(&self) -> &About {
        &self.about
    }

    fn subject(&self) -> String {
        format!("{} is your AIUS verification code", self.code)
    }

    fn expires_at(&self) -> Timestamp {
        self.about.when().plus(codes::LIFETIME)
    }
}

impl Message {
    pub(super) fn verification_code(
        ctx: &Context,
        requester: &Requester,
        user: &User,
        code: &Code,
    ) -> Self {
        let about = About::new(ctx, requester, &user.name);
        Self::VerificationCode(VerificationCode { about, code: code.reveal().to_owned() })
    }

    /// A message of the size of one with a code, to nobody.
    pub(in crate::mail) fn decoy(ctx: &Context, requester: &Requester) -> Result<Self> {
        let about = About::new(ctx, requester, &Name::parse("Nobody Atall")?);
        Ok(Self::VerificationCode(VerificationCode { about, code: "NOCODE".to_owned() }))
    }
}
