//! Security events in words.

use shared::activity::Action;

/// Returns what happened to the account; `None` for an event that does not concern its security.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "other actions do not concern the security of the account"
)]
pub(super) const fn event_text(action: Action) -> Option<&'static str> {
    let text = match action {
        Action::AccountRegistered => "Account created",
        Action::EmailVerified => "Email address verified",
        Action::PasswordChanged => "Password changed",
        Action::PasswordReset => "Password reset with a mailed link or code",
        Action::EmailChanged => "Email address changed",
        Action::EmailChangeUndone => "Change of the email address undone",
        Action::TwoFactorEnabled => "Two-factor authentication turned on",
        Action::TwoFactorDisabled => "Two-factor authentication turned off",
        Action::RecoveryCodesReplaced => "New recovery codes created",
        Action::PasskeyAdded => "Passkey added",
        Action::PasskeyRenamed => "Passkey renamed",
        Action::PasskeyRemoved => "Passkey removed",
        Action::PasskeyRefused => "Passkey refused: a copy of it may exist",
        Action::GoogleConnected => "Google account connected",
        Action::GoogleDisconnected => "Google account disconnected",
        Action::DeletionScheduled => "Account deleted",
        Action::Restored => "Account restored",
        Action::AccountSecured => "Account secured after a change that was not yours",
        Action::SecondFactorAsked => "Password right, second factor asked for",
        Action::Reauthenticated => "Identity confirmed",
        Action::SessionStarted => "Signed in",
        Action::SignInFailed => "Sign-in failed",
        Action::SessionEnded => "Session ended",
        Action::OtherSessionsEnded => "All other sessions ended",
        Action::DeviceApproved => "Sign-in of a program allowed",
        Action::DeviceDenied => "Sign-in of a program denied",
        Action::TokenCreated => "Personal token created",
        Action::TokenRevoked => "Personal token revoked",
        _ => return None,
    };
    Some(text)
}
