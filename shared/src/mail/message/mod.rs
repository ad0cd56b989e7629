//! The kinds of mail: one file and one variant of [`Message`] each. Their texts are in
//! `shared/templates/mail/`, in one `.txt` and one `.html` file of the same name.
//!
//! To add a mail, write its file and its two templates, after those of a similar kind. Add a variant to [`Message`];
//! the compiler names the other places. Add a stored mail of the kind to `tests/stored.rs`.

mod account_restored;
mod api_key_changed;
mod change_email_code;
mod credits_used;
mod deletion_scheduled;
mod device_approved;
mod email_changed;
mod event_details;
mod google_connected;
mod google_disconnected;
mod invitation;
mod kind;
mod member_changed;
mod money;
mod new_device;
mod new_password_needed;
mod organization_deleted;
mod ownership_transferred;
mod palette;
mod passkey_changed;
mod password_changed;
mod payment;
mod recovery_code_used;
mod recovery_codes_replaced;
mod reset_code;
mod run_ended;
mod safe_text;
mod slack_webhook_changed;
#[cfg(test)]
mod tests;
mod token_created;
mod token_expires;
mod two_factor_off;
mod two_factor_on;
mod two_factor_reset;
mod verification_code;
mod wrap;

use serde::{Deserialize, Serialize};

pub use api_key_changed::{KeyChange, KeyChangeParams};
pub use device_approved::DeviceApprovedParams;
pub use email_changed::UndoLink;
pub use invitation::InvitationMailParams;
pub(crate) use kind::NOTICE_TTL;
pub use member_changed::{MembershipChange, MembershipChangeParams};
pub use new_password_needed::NewPasswordReason;
pub use organization_deleted::OrganizationDeletedParams;
pub use token_expires::ExpiringTokenParams;
pub use two_factor_reset::ResetStopMethod;

use account_restored::AccountRestored;
use api_key_changed::ApiKeyChanged;
use change_email_code::ChangeEmailCode;
use credits_used::CreditsUsed;
use deletion_scheduled::DeletionScheduled;
use device_approved::DeviceApproved;
use email_changed::EmailChanged;
use google_connected::GoogleConnected;
use google_disconnected::GoogleDisconnected;
use invitation::InvitationMail;
use kind::{CommonValues, MessageKind};
use member_changed::MemberChanged;
use new_device::NewDevice;
use new_password_needed::NewPasswordNeeded;
use organization_deleted::OrganizationDeleted;
use ownership_transferred::OwnershipTransferred;
pub use passkey_changed::PasskeyChange;
use passkey_changed::PasskeyChanged;
use password_changed::PasswordChanged;
use payment::{PaymentDue, PaymentFailed, PaymentReceipt};
use recovery_code_used::RecoveryCodeUsed;
use recovery_codes_replaced::RecoveryCodesReplaced;
use reset_code::ResetCode;
use run_ended::{RunDone, RunFailed};
use slack_webhook_changed::SlackWebhookChanged;
use token_created::TokenCreated;
use token_expires::TokenExpires;
use two_factor_off::TwoFactorOff;
use two_factor_on::TwoFactorOn;
use two_factor_reset::{TwoFactorReset, TwoFactorResetRequested, TwoFactorResetStopped};
use verification_code::VerificationCode;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::mail::{ActionLink, Recipient};

/// The kind of a mail with its values. It is stored as encrypted JSON until it is sent. The previous version may
/// have queued the mail, so fields keep their names and new fields have defaults.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// Code that verifies the address of a new account.
    VerificationCode(VerificationCode),
    /// Code and link that set a new password.
    ResetCode(ResetCode),
    /// Code that confirms a new email address, sent to that address.
    ChangeEmailCode(ChangeEmailCode),
    /// Report of an email change, sent to the previous address.
    EmailChanged(EmailChanged),
    /// Report of a sign-in from an unknown device or network.
    NewDevice(NewDevice),
    /// Report of a changed password.
    PasswordChanged(PasswordChanged),
    /// Link that sets a new password, because the old one was ended.
    NewPasswordNeeded(NewPasswordNeeded),
    /// Report of a changed or removed Slack webhook.
    SlackWebhookChanged(SlackWebhookChanged),
    /// Report that two-factor authentication was turned on.
    TwoFactorOn(TwoFactorOn),
    /// Report that two-factor authentication was turned off.
    TwoFactorOff(TwoFactorOff),
    /// Report that support was asked to reset two-factor authentication.
    TwoFactorResetRequested(TwoFactorResetRequested),
    /// Report that a reset of two-factor authentication was stopped.
    TwoFactorResetStopped(TwoFactorResetStopped),
    /// Report that two-factor authentication was reset.
    TwoFactorReset(TwoFactorReset),
    /// Report that a recovery code was used.
    RecoveryCodeUsed(RecoveryCodeUsed),
    /// Report that new recovery codes replaced the old ones.
    RecoveryCodesReplaced(RecoveryCodesReplaced),
    /// Report that a passkey was added, removed or refused.
    PasskeyChanged(PasskeyChanged),
    /// Report that a Google account was connected.
    GoogleConnected(GoogleConnected),
    /// Report that the Google account was disconnected.
    GoogleDisconnected(GoogleDisconnected),
    /// Report that the account will be deleted.
    DeletionScheduled(DeletionScheduled),
    /// Confirmation that a scheduled account deletion was canceled.
    AccountRestored(AccountRestored),
    /// Report that a command line was allowed to sign in.
    DeviceApproved(DeviceApproved),
    /// Report of a new personal token.
    TokenCreated(TokenCreated),
    /// Warning that a personal token or an API key expires.
    TokenExpires(TokenExpires),
    /// Report of a new or rotated API key.
    ApiKeyChanged(ApiKeyChanged),
    /// Report of a member who joined, was removed, or got another role.
    MemberChanged(MemberChanged),
    /// Report that an organization has another owner.
    OwnershipTransferred(OwnershipTransferred),
    /// Invitation to an organization.
    Invitation(InvitationMail),
    /// Report that an organization was deleted.
    OrganizationDeleted(OrganizationDeleted),
    /// Report of a failed run.
    RunFailed(RunFailed),
    /// Report of a successful scheduled run.
    RunDone(RunDone),
    /// Report of the used share of an organization's credits.
    CreditsUsed(CreditsUsed),
    /// Report of an invoice that has to be paid.
    PaymentDue(PaymentDue),
    /// Report of a failed payment of an invoice.
    PaymentFailed(PaymentFailed),
    /// Receipt for a paid invoice.
    PaymentReceipt(PaymentReceipt),
}

/// A mail with its values filled in, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderedMail {
    /// The subject, which is one line.
    pub subject: String,
    /// The plain text body, in lines of at most 78 characters unless a word is longer.
    pub text: String,
    /// The same content as HTML.
    pub html: String,
}

impl Message {
    /// Returns whether the mail holds a code or a link for a new password, which its recipient waits for.
    pub(super) const fn has_code(&self) -> bool {
        matches!(
            self,
            Self::VerificationCode(_)
                | Self::ResetCode(_)
                | Self::ChangeEmailCode(_)
                | Self::NewPasswordNeeded(_)
        )
    }

    /// Returns the time after which the mail is not sent anymore.
    pub(super) fn expires_at(&self) -> Timestamp {
        self.kind().expires_at()
    }

    /// Renders subject and bodies for one recipient. A notice about the security of an account has the link
    /// `not_me`, for an owner who did not make the change.
    ///
    /// # Errors
    ///
    /// * An internal error if a template fails.
    pub fn render(&self, to: Recipient<'_>, not_me: Option<&ActionLink>) -> Result<RenderedMail> {
        let kind = self.kind();
        let common = CommonValues::new(kind, to, not_me);
        let (text, html) = (
            kind.render_text(&common).map_err(Error::internal)?,
            kind.render_html(&common).map_err(Error::internal)?,
        );
        Ok(RenderedMail { text: wrap::wrap_text(&text), html, subject: common.subject })
    }

    fn kind(&self) -> &dyn MessageKind {
        match self {
            Self::VerificationCode(message) => message,
            Self::ResetCode(message) => message,
            Self::ChangeEmailCode(message) => message,
            Self::EmailChanged(message) => message,
            Self::NewDevice(message) => message,
            Self::PasswordChanged(message) => message,
            Self::NewPasswordNeeded(message) => message,
            Self::SlackWebhookChanged(message) => message,
            Self::TwoFactorOn(message) => message,
            Self::TwoFactorOff(message) => message,
            Self::TwoFactorResetRequested(message) => message,
            Self::TwoFactorResetStopped(message) => message,
            Self::TwoFactorReset(message) => message,
            Self::RecoveryCodeUsed(message) => message,
            Self::RecoveryCodesReplaced(message) => message,
            Self::PasskeyChanged(message) => message,
            Self::GoogleConnected(message) => message,
            Self::GoogleDisconnected(message) => message,
            Self::DeletionScheduled(message) => message,
            Self::AccountRestored(message) => message,
            Self::DeviceApproved(message) => message,
            Self::TokenCreated(message) => message,
            Self::TokenExpires(message) => message,
            Self::ApiKeyChanged(message) => message,
            Self::MemberChanged(message) => message,
            Self::OwnershipTransferred(message) => message,
            Self::Invitation(message) => message,
            Self::OrganizationDeleted(message) => message,
            Self::RunFailed(message) => message,
            Self::RunDone(message) => message,
            Self::CreditsUsed(message) => message,
            Self::PaymentDue(message) => message,
            Self::PaymentFailed(message) => message,
            Self::PaymentReceipt(message) => message,
        }
    }
}
