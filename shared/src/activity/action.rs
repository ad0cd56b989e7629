//! What an event of the audit log records.

use serde::{Deserialize, Serialize};

/// What happened, named `thing.verb_in_past_tense`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// An account was created, or an unverified one was created anew.
    #[serde(rename = "account.registered")]
    AccountRegistered,
    /// A user verified their email address.
    #[serde(rename = "account.email_verified")]
    EmailVerified,
    /// A user changed their profile.
    #[serde(rename = "account.profile_changed")]
    ProfileChanged,
    /// A signed-in user changed the password.
    #[serde(rename = "account.password_changed")]
    PasswordChanged,
    /// The account's email address was changed.
    #[serde(rename = "account.email_changed")]
    EmailChanged,
    /// A change of the email address was undone.
    #[serde(rename = "account.email_change_undone")]
    EmailChangeUndone,
    /// A change of the email address was canceled before its code was entered.
    #[serde(rename = "account.email_change_canceled")]
    EmailChangeCanceled,
    /// Two-factor authentication was turned on.
    #[serde(rename = "account.two_factor_enabled")]
    TwoFactorEnabled,
    /// Two-factor authentication was turned off.
    #[serde(rename = "account.two_factor_disabled")]
    TwoFactorDisabled,
    /// An operator requested a reset of two-factor authentication.
    #[serde(rename = "account.two_factor_reset_requested")]
    TwoFactorResetRequested,
    /// A reset of two-factor authentication was stopped: by an operator, by the owner, or by a sign-in with the second
    /// factor or a passkey.
    #[serde(rename = "account.two_factor_reset_canceled")]
    TwoFactorResetCanceled,
    /// Two-factor authentication was reset, as an operator had requested.
    #[serde(rename = "account.two_factor_reset")]
    TwoFactorReset,
    /// The recovery codes were replaced.
    #[serde(rename = "account.recovery_codes_replaced")]
    RecoveryCodesReplaced,
    /// A passkey was added.
    #[serde(rename = "account.passkey_added")]
    PasskeyAdded,
    /// A passkey was renamed.
    #[serde(rename = "account.passkey_renamed")]
    PasskeyRenamed,
    /// A passkey was removed.
    #[serde(rename = "account.passkey_removed")]
    PasskeyRemoved,
    /// A passkey was refused, because a copy of it may exist.
    #[serde(rename = "account.passkey_refused")]
    PasskeyRefused,
    /// A Google account was connected.
    #[serde(rename = "account.google_connected")]
    GoogleConnected,
    /// The Google account was disconnected.
    #[serde(rename = "account.google_disconnected")]
    GoogleDisconnected,
    /// An operator looked at the account or the organization.
    #[serde(rename = "support.viewed")]
    ViewedBySupport,
    /// An operator had a code mailed again.
    #[serde(rename = "account.code_resent")]
    CodeResent,
    /// An operator lifted the delays after failed sign-ins.
    #[serde(rename = "account.lock_lifted")]
    LockLifted,
    /// An operator had the account erased at once.
    #[serde(rename = "account.erasure_requested")]
    ErasureRequested,
    /// An operator suspended the account.
    #[serde(rename = "account.suspended")]
    AccountSuspended,
    /// An operator ended the suspension of the account.
    #[serde(rename = "account.unsuspended")]
    AccountUnsuspended,
    /// The account's deletion was scheduled.
    #[serde(rename = "account.deletion_scheduled")]
    DeletionScheduled,
    /// The account's deletion was canceled.
    #[serde(rename = "account.restored")]
    Restored,
    /// The owner of an account said that a change was not theirs: sessions, password and recent access ended.
    #[serde(rename = "account.secured")]
    AccountSecured,
    /// The password was reset with a mailed link or code.
    #[serde(rename = "account.password_reset")]
    PasswordReset,
    /// A user changed their notification preferences.
    #[serde(rename = "notifications.changed")]
    NotificationsChanged,
    /// A user passed the first factor and was asked for the second.
    #[serde(rename = "session.second_factor_asked")]
    SecondFactorAsked,
    /// A user proved their identity again in a session.
    #[serde(rename = "session.reauthenticated")]
    Reauthenticated,
    /// A session was started.
    #[serde(rename = "session.started")]
    SessionStarted,
    /// The password or the second factor was wrong at a sign-in.
    #[serde(rename = "session.failed")]
    SignInFailed,
    /// A user ended a session.
    #[serde(rename = "session.ended")]
    SessionEnded,
    /// A user ended all sessions but the present one.
    #[serde(rename = "session.others_ended")]
    OtherSessionsEnded,
    /// An operator ended all sessions.
    #[serde(rename = "session.all_ended")]
    AllSessionsEnded,
    /// A user allowed a command line to sign in.
    #[serde(rename = "device.approved")]
    DeviceApproved,
    /// A user denied the sign-in of a command line.
    #[serde(rename = "device.denied")]
    DeviceDenied,
    /// A user created a personal token.
    #[serde(rename = "token.created")]
    TokenCreated,
    /// A personal token was used for the first time that day (UTC).
    #[serde(rename = "token.used")]
    TokenUsed,
    /// A user revoked a personal token.
    #[serde(rename = "token.revoked")]
    TokenRevoked,
    /// An organization was created.
    #[serde(rename = "client.created")]
    OrganizationCreated,
    /// An organization was renamed.
    #[serde(rename = "client.renamed")]
    OrganizationRenamed,
    /// An organization was transferred to another owner.
    #[serde(rename = "client.transferred")]
    OrganizationTransferred,
    /// An operator changed the agreed monthly quota.
    #[serde(rename = "client.quota_agreed")]
    QuotaAgreed,
    /// An operator had the organization erased at once.
    #[serde(rename = "client.erasure_requested")]
    OrganizationErasureRequested,
    /// An organization's plan changed.
    #[serde(rename = "client.plan_changed")]
    PlanChanged,
    /// An owner was sent to Stripe to subscribe.
    #[serde(rename = "subscription.checkout_started")]
    SubscriptionCheckoutStarted,
    /// The owner requested another plan.
    #[serde(rename = "subscription.change_requested")]
    PlanChangeRequested,
    /// The owner canceled the subscription at the end of its period.
    #[serde(rename = "subscription.cancel_requested")]
    SubscriptionCancelRequested,
    /// The owner took back a cancellation or a scheduled downgrade.
    #[serde(rename = "subscription.resume_requested")]
    SubscriptionResumeRequested,
    /// A subscription started.
    #[serde(rename = "subscription.started")]
    SubscriptionStarted,
    /// A subscription's status or scheduled end changed.
    #[serde(rename = "subscription.changed")]
    SubscriptionChanged,
    /// A subscription ended.
    #[serde(rename = "subscription.ended")]
    SubscriptionEnded,
    /// Credits were bought.
    #[serde(rename = "credits.topped_up")]
    CreditsToppedUp,
    /// Credits were taken back after a refund or a dispute.
    #[serde(rename = "credits.taken_back")]
    CreditsTakenBack,
    /// Credits were restored after a refund failed or a dispute was won.
    #[serde(rename = "credits.given_back")]
    CreditsGivenBack,
    /// An operator granted credits or took some back.
    #[serde(rename = "credits.adjusted")]
    CreditsAdjusted,
    /// A payment failed.
    #[serde(rename = "payment.failed")]
    PaymentFailed,
    /// A payment method was added.
    #[serde(rename = "payment_method.added")]
    PaymentMethodAdded,
    /// The owner removed a payment method.
    #[serde(rename = "payment_method.remove_requested")]
    PaymentMethodRemoveRequested,
    /// The owner chose the payment method that invoices are paid with.
    #[serde(rename = "payment_method.default_changed")]
    DefaultPaymentMethodChanged,
    /// A payment method was removed.
    #[serde(rename = "payment_method.removed")]
    PaymentMethodRemoved,
    /// All of an organization's data at Stripe was removed.
    #[serde(rename = "billing.removed")]
    BillingRemoved,
    /// An operator suspended the organization.
    #[serde(rename = "client.suspended")]
    OrganizationSuspended,
    /// An operator ended the suspension of the organization.
    #[serde(rename = "client.unsuspended")]
    OrganizationUnsuspended,
    /// An organization was deleted.
    #[serde(rename = "client.deleted")]
    OrganizationDeleted,
    /// A deleted organization was restored.
    #[serde(rename = "client.restored")]
    OrganizationRestored,
    /// The policy about two-factor authentication was changed.
    #[serde(rename = "client.two_factor_policy_changed")]
    TwoFactorPolicyChanged,
    /// A person was invited.
    #[serde(rename = "invitation.created")]
    InvitationCreated,
    /// An invitation was sent again, with a new link.
    #[serde(rename = "invitation.resent")]
    InvitationResent,
    /// An invitation was revoked.
    #[serde(rename = "invitation.revoked")]
    InvitationRevoked,
    /// An invitation was declined.
    #[serde(rename = "invitation.declined")]
    InvitationDeclined,
    /// An invited person joined.
    #[serde(rename = "member.joined")]
    MemberJoined,
    /// A member's role was changed.
    #[serde(rename = "member.role_changed")]
    MemberRoleChanged,
    /// A member was removed.
    #[serde(rename = "member.removed")]
    MemberRemoved,
    /// A member left.
    #[serde(rename = "member.left")]
    MemberLeft,
    /// An API key was created.
    #[serde(rename = "key.created")]
    KeyCreated,
    /// An API key was rotated.
    #[serde(rename = "key.rotated")]
    KeyRotated,
    /// An API key was revoked.
    #[serde(rename = "key.revoked")]
    KeyRevoked,
    /// An API key was used for the first time that day (UTC).
    #[serde(rename = "key.used")]
    KeyUsed,
    /// A project was created.
    #[serde(rename = "project.created")]
    ProjectCreated,
    /// A project's name or description was changed.
    #[serde(rename = "project.changed")]
    ProjectChanged,
    /// A project was forked.
    #[serde(rename = "project.forked")]
    ProjectForked,
    /// A project was deleted.
    #[serde(rename = "project.deleted")]
    ProjectDeleted,
    /// A project's brief was changed.
    #[serde(rename = "project.brief_changed")]
    BriefChanged,
    /// A version of a file was uploaded.
    #[serde(rename = "artifact.uploaded")]
    ArtifactUploaded,
    /// A version of a file was deleted.
    #[serde(rename = "artifact.deleted")]
    ArtifactDeleted,
    /// A run was started.
    #[serde(rename = "run.started")]
    RunStarted,
    /// A run was finished.
    #[serde(rename = "run.finished")]
    RunFinished,
}

/// The actions of a user's own log that are copied to the logs of their organizations. The stream's filter in
/// `template.yaml` names them.
pub const SHOWN_TO_ORGANIZATIONS: [Action; 13] = [
    Action::SessionStarted,
    Action::SignInFailed,
    Action::PasswordChanged,
    Action::PasswordReset,
    Action::EmailChangeUndone,
    Action::AccountSecured,
    Action::TwoFactorEnabled,
    Action::TwoFactorDisabled,
    Action::TwoFactorReset,
    Action::RecoveryCodesReplaced,
    Action::PasskeyAdded,
    Action::PasskeyRemoved,
    Action::TokenUsed,
];
