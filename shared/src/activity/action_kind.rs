//! Groups of actions, by which pages filter a log.

use super::Action;

/// A group of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// Changes of the account and its notifications.
    Account,
    /// Sign-ins, failed ones included, and sessions.
    SignIns,
    /// Personal tokens and API keys.
    Credentials,
    /// Changes of an organization.
    Organization,
    /// Subscriptions, credits and payments.
    Billing,
    /// Members and invitations.
    Team,
    /// Projects, their briefs and files.
    Projects,
    /// Runs of projects that started or ended.
    Runs,
}

/// What happens to an account besides sign-ins and credentials.
const ACCOUNT: &[Action] = &[
    Action::AccountRegistered,
    Action::EmailVerified,
    Action::ProfileChanged,
    Action::PasswordChanged,
    Action::EmailChanged,
    Action::EmailChangeUndone,
    Action::EmailChangeCanceled,
    Action::TwoFactorEnabled,
    Action::TwoFactorDisabled,
    Action::TwoFactorResetRequested,
    Action::TwoFactorResetCanceled,
    Action::TwoFactorReset,
    Action::RecoveryCodesReplaced,
    Action::PasskeyAdded,
    Action::PasskeyRenamed,
    Action::PasskeyRemoved,
    Action::PasskeyRefused,
    Action::GoogleConnected,
    Action::GoogleDisconnected,
    Action::ViewedBySupport,
    Action::CodeResent,
    Action::LockLifted,
    Action::ErasureRequested,
    Action::AccountSuspended,
    Action::AccountUnsuspended,
    Action::DeletionScheduled,
    Action::Restored,
    Action::AccountSecured,
    Action::PasswordReset,
    Action::NotificationsChanged,
];

impl ActionKind {
    /// All groups, in the order in which pages offer them.
    pub const ALL: [Self; 8] = [
        Self::Account,
        Self::SignIns,
        Self::Credentials,
        Self::Organization,
        Self::Billing,
        Self::Team,
        Self::Projects,
        Self::Runs,
    ];

    /// Returns the name in the query of a page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::SignIns => "sign-ins",
            Self::Credentials => "keys",
            Self::Organization => "organization",
            Self::Billing => "billing",
            Self::Team => "team",
            Self::Projects => "projects",
            Self::Runs => "runs",
        }
    }

    /// Returns the group with a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns the actions of the group.
    pub const fn actions(self) -> &'static [Action] {
        match self {
            Self::Account => ACCOUNT,
            Self::SignIns => &[
                Action::SecondFactorAsked,
                Action::Reauthenticated,
                Action::SessionStarted,
                Action::SignInFailed,
                Action::SessionEnded,
                Action::OtherSessionsEnded,
                Action::AllSessionsEnded,
                Action::DeviceApproved,
                Action::DeviceDenied,
            ],
            Self::Credentials => &[
                Action::TokenCreated,
                Action::TokenUsed,
                Action::TokenRevoked,
                Action::KeyCreated,
                Action::KeyRotated,
                Action::KeyRevoked,
                Action::KeyUsed,
            ],
            Self::Organization => &[
                Action::OrganizationCreated,
                Action::OrganizationRenamed,
                Action::OrganizationTransferred,
                Action::PlanChanged,
                Action::QuotaAgreed,
                Action::OrganizationErasureRequested,
                Action::OrganizationSuspended,
                Action::OrganizationUnsuspended,
                Action::OrganizationDeleted,
                Action::OrganizationRestored,
                Action::TwoFactorPolicyChanged,
            ],
            Self::Billing => &[
                Action::SubscriptionCheckoutStarted,
                Action::PlanChangeRequested,
                Action::SubscriptionCancelRequested,
                Action::SubscriptionResumeRequested,
                Action::SubscriptionStarted,
                Action::SubscriptionChanged,
                Action::SubscriptionEnded,
                Action::CreditsToppedUp,
                Action::CreditsTakenBack,
                Action::CreditsGivenBack,
                Action::CreditsAdjusted,
                Action::PaymentFailed,
                Action::PaymentMethodAdded,
                Action::PaymentMethodRemoveRequested,
                Action::DefaultPaymentMethodChanged,
                Action::PaymentMethodRemoved,
                Action::BillingRemoved,
            ],
            Self::Team => &[
                Action::InvitationCreated,
                Action::InvitationResent,
                Action::InvitationRevoked,
                Action::InvitationDeclined,
                Action::MemberJoined,
                Action::MemberRoleChanged,
                Action::MemberRemoved,
                Action::MemberLeft,
            ],
            Self::Projects => &[
                Action::ProjectCreated,
                Action::ProjectChanged,
                Action::ProjectForked,
                Action::ProjectDeleted,
                Action::BriefChanged,
                Action::ArtifactUploaded,
                Action::ArtifactDeleted,
            ],
            Self::Runs => &[Action::RunStarted, Action::RunFinished],
        }
    }
}

impl Action {
    /// Returns the group of the action.
    pub fn kind(self) -> ActionKind {
        let has_it = |kind: &ActionKind| kind.actions().contains(&self);
        ActionKind::ALL.into_iter().find(has_it).unwrap_or(ActionKind::Organization)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::IntoDeserializer;
    use serde::de::value::Error;

    use super::*;

    #[test]
    fn each_action_is_in_one_group() {
        let unknown: Error = Action::deserialize("nothing".into_deserializer()).unwrap_err();
        let unknown = unknown.to_string();
        let names: Vec<_> = unknown.split('`').skip(3).step_by(2).collect();
        assert!(names.len() > 50, "{unknown}");
        for name in names {
            let read: Result<_, Error> = Action::deserialize(name.into_deserializer());
            let action: Action = read.unwrap();
            let kinds = ActionKind::ALL.into_iter().filter(|kind| kind.actions().contains(&action));
            assert_eq!(kinds.count(), 1, "{name}");
        }
    }

    #[test]
    fn a_group_is_found_by_its_name() {
        assert_eq!(ActionKind::parse("sign-ins"), Some(ActionKind::SignIns));
        assert_eq!(ActionKind::parse("sessions"), None);
    }
}
