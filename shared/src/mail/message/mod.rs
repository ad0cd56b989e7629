//! The messages, one file and one variant each, and their templates in `templates/mail/`.

mod about;
mod account_restored;
mod amount;
mod change_email_code;
mod credits_used;
mod deletion_scheduled;
mod email_changed;
mod google_connected;
mod google_disconnected;
mod invitation;
mod kind;
mod lines;
mod new_device;
mod password_changed;
mod payment;
mod recovery_code_used;
mod recovery_codes_replaced;
mod reset_code;
mod run_ended;
#[cfg(test)]
mod tests;
mod two_factor_off;
mod two_factor_on;
mod verification_code;

use serde::{Deserialize, Serialize};

pub use email_changed::UndoLink;
pub use invitation::InvitationMail;

use account_restored::AccountRestored;
use change_email_code::ChangeEmailCode;
use credits_used::CreditsUsed;
use deletion_scheduled::DeletionScheduled;
use email_changed::EmailChanged;
use google_connected::GoogleConnected;
use google_disconnected::GoogleDisconnected;
use invitation::Invitation;
use kind::{Kind, Page};
use new_device::NewDevice;
use password_changed::PasswordChanged;
use payment::{PaymentDue, PaymentFailed, PaymentReceipt};
use recovery_code_used::RecoveryCodeUsed;
use recovery_codes_replaced::RecoveryCodesReplaced;
use reset_code::ResetCode;
use run_ended::{RunDone, RunFailed};
use two_factor_off::TwoFactorOff;
use two_factor_on::TwoFactorOn;
use verification_code::VerificationCode;

use crate::accounts::User;
use crate::clock::Timestamp;
use crate::codes::Code;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::requester::Requester;
use crate::values::{CodePurpose, EmailAddress};

/// What a mail says. Stored encrypted until it is sent, as JSON: a mail that waits may have been
/// written by the version before, so a field keeps its name, and a new one has a default.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// The code that proves a new account's address.
    VerificationCode(VerificationCode),
    /// The code that lets somebody choose another password.
    ResetCode(ResetCode),
    /// The code that proves the address that an account is to have.
    ChangeEmailCode(ChangeEmailCode),
    /// The account has another address; to the one before.
    EmailChanged(EmailChanged),
    /// Somebody signed in from where the account wasn't used before.
    NewDevice(NewDevice),
    /// The account has another password.
    PasswordChanged(PasswordChanged),
    /// Signing in takes a second factor from now on.
    TwoFactorOn(TwoFactorOn),
    /// Signing in takes no second factor any more.
    TwoFactorOff(TwoFactorOff),
    /// A recovery code took the second factor's place.
    RecoveryCodeUsed(RecoveryCodeUsed),
    /// There are new recovery codes.
    RecoveryCodesReplaced(RecoveryCodesReplaced),
    /// A Google account signs in to the account.
    GoogleConnected(GoogleConnected),
    /// The Google account signs in no more.
    GoogleDisconnected(GoogleDisconnected),
    /// The account is going to be erased.
    DeletionScheduled(DeletionScheduled),
    /// The account is not going to be erased any more.
    AccountRestored(AccountRestored),
    /// Somebody asks whoever has the address to join an organization.
    Invitation(Invitation),
    /// A run failed.
    RunFailed(RunFailed),
    /// A scheduled run is done.
    RunDone(RunDone),
    /// So much of an organization's credits is used.
    CreditsUsed(CreditsUsed),
    /// An invoice waits to be paid.
    PaymentDue(PaymentDue),
    /// The money for an invoice could not be taken.
    PaymentFailed(PaymentFailed),
    /// An invoice is paid.
    PaymentReceipt(PaymentReceipt),
}

/// A message ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// For readers of plain text: lines of at most 78 characters, but for longer words.
    pub text: String,
    /// The same for readers of HTML.
    pub html: String,
}

impl Message {
    /// A code. The one of [`CodePurpose::ChangeEmail`] goes to the new address.
    pub fn code(
        ctx: &Context,
        requester: &Requester,
        purpose: CodePurpose,
        user: &User,
        code: &Code,
    ) -> Self {
        match purpose {
            CodePurpose::VerifyEmail => Self::verification_code(ctx, requester, user, code),
            CodePurpose::ResetPassword => Self::reset_code(ctx, requester, user, code),
            CodePurpose::ChangeEmail => Self::change_email_code(ctx, requester, user, code),
        }
    }

    /// Until when sending it makes sense.
    pub(super) fn expires_at(&self) -> Timestamp {
        self.kind().expires_at()
    }

    /// Subject and both bodies, for one recipient.
    pub fn render(&self, to: &EmailAddress) -> Result<Rendered> {
        let kind = self.kind();
        let page = Page::of(kind, to);
        let (text, html) = (
            kind.text(&page).map_err(Error::internal)?,
            kind.html(&page).map_err(Error::internal)?,
        );
        Ok(Rendered { text: lines::filled(&text), html, subject: page.subject })
    }

    fn kind(&self) -> &dyn Kind {
        match self {
            Self::VerificationCode(message) => message,
            Self::ResetCode(message) => message,
            Self::ChangeEmailCode(message) => message,
            Self::EmailChanged(message) => message,
            Self::NewDevice(message) => message,
            Self::PasswordChanged(message) => message,
            Self::TwoFactorOn(message) => message,
            Self::TwoFactorOff(message) => message,
            Self::RecoveryCodeUsed(message) => message,
            Self::RecoveryCodesReplaced(message) => message,
            Self::GoogleConnected(message) => message,
            Self::GoogleDisconnected(message) => message,
            Self::DeletionScheduled(message) => message,
            Self::AccountRestored(message) => message,
            Self::Invitation(message) => message,
            Self::RunFailed(message) => message,
            Self::RunDone(message) => message,
            Self::CreditsUsed(message) => message,
            Self::PaymentDue(message) => message,
            Self::PaymentFailed(message) => message,
            Self::PaymentReceipt(message) => message,
        }
    }
}
