//! The sentence that people read for each event of an activity log.

use std::collections::BTreeMap;

use shared::activity::Action;
use shared::credits::Credits;

use super::credits_text;
use crate::organizations::named_plan_label;

/// Returns the sentence for an event. `actor` is who caused it, such as "You", or `None` for the service itself.
pub(crate) fn activity_text(
    action: Action,
    actor: Option<&str>,
    details: &BTreeMap<String, String>,
) -> String {
    match (predicate(action, details), actor) {
        (Predicate::By(text), Some(actor)) => format!("{actor} {text}"),
        (Predicate::By(text), None) => format!("AIUS {text}"),
        (Predicate::Happened(text), None) => text,
        // The actor is the account that the sign-in was for.
        (Predicate::Happened(text), Some("You")) if action == Action::SignInFailed => text,
        (Predicate::Happened(text), Some(actor)) => format!("{text} ({})", lower_you(actor)),
    }
}

/// What a sentence says.
enum Predicate {
    /// The action of the actor, such as "changed the password".
    By(String),
    /// What happened, such as "A payment failed".
    Happened(String),
}

#[expect(clippy::too_many_lines, reason = "one line for each action")]
fn predicate(action: Action, details: &BTreeMap<String, String>) -> Predicate {
    let detail = |name: &str| details.get(name).map_or("", String::as_str);
    let quoted = |name: &str| match detail(name) {
        "" => String::new(),
        value => format!(" “{value}”"),
    };
    let the = |kind: &str| match detail("name") {
        "" => format!("a {kind}"),
        name => format!("the {kind} “{name}”"),
    };
    let plan = |name: &str| named_plan_label(detail(name));
    let change = || match (detail("before"), detail("after")) {
        ("", _) | (_, "") => String::new(),
        (before, after) => format!(" from “{before}” to “{after}”"),
    };
    let role = || match detail("role") {
        "" => String::new(),
        role => format!(" as {role}"),
    };
    let fields = || match detail("fields") {
        "" => String::new(),
        fields => format!(": {}", fields.replace('_', " ")),
    };
    let by = |text: &str| Predicate::By(text.to_owned());
    let happened = |text: &str| Predicate::Happened(text.to_owned());
    match action {
        Action::AccountRegistered => by("created the account"),
        Action::EmailVerified => by("verified the email address"),
        Action::ProfileChanged => Predicate::By(format!("changed the profile{}", fields())),
        Action::PasswordChanged => by("changed the password"),
        Action::EmailChanged => by("changed the email address"),
        Action::EmailChangeCanceled => by("canceled a change of the email address"),
        Action::EmailChangeUndone => by("undid a change of the email address"),
        Action::TwoFactorEnabled => by("turned on two-factor authentication"),
        Action::TwoFactorDisabled => by("turned off two-factor authentication"),
        Action::TwoFactorResetRequested => by("was asked to reset two-factor authentication"),
        Action::TwoFactorResetCanceled => by("stopped the reset of two-factor authentication"),
        Action::TwoFactorReset => by("reset two-factor authentication, password and passkeys"),
        Action::RecoveryCodesReplaced => by("made new recovery codes"),
        Action::PasskeyAdded => Predicate::By(format!("added the passkey{}", quoted("name"))),
        Action::PasskeyRenamed => Predicate::By(format!("renamed a passkey to{}", quoted("name"))),
        Action::PasskeyRemoved => Predicate::By(format!("removed the passkey{}", quoted("name"))),
        Action::PasskeyRefused => Predicate::Happened(format!(
            "The passkey{} was refused: a copy may exist",
            quoted("name")
        )),
        Action::GoogleConnected => by("connected a Google account"),
        Action::GoogleDisconnected => by("disconnected the Google account"),
        Action::ViewedBySupport => by("looked at the data"),
        Action::CodeResent => by("sent a code again"),
        Action::LockLifted => by("lifted the delays after failed sign-ins"),
        Action::ErasureRequested => by("had the account erased"),
        Action::AccountSuspended => by("suspended the account"),
        Action::AccountUnsuspended => by("ended the suspension of the account"),
        Action::DeletionScheduled => by("asked for the deletion of the account"),
        Action::Restored => by("restored the account"),
        Action::AccountSecured => by("secured the account: sessions and recent access ended"),
        Action::PasswordReset => by("reset the password"),
        Action::NotificationsChanged => Predicate::By(format!("changed notifications{}", fields())),
        Action::SecondFactorAsked => by("passed the first step of a sign-in"),
        Action::Reauthenticated => by("confirmed their identity again"),
        Action::SessionStarted => by("signed in"),
        Action::SignInFailed => happened("A sign-in failed"),
        Action::SessionEnded => by("ended a session"),
        Action::AllSessionsEnded => by("ended all sessions"),
        Action::OtherSessionsEnded => by("ended all other sessions"),
        Action::DeviceApproved => {
            Predicate::By(format!("allowed the sign-in of the program{}", quoted("name")))
        }
        Action::DeviceDenied => {
            Predicate::By(format!("denied the sign-in of the program{}", quoted("name")))
        }
        Action::TokenCreated => Predicate::By(format!("created the token{}", quoted("name"))),
        Action::TokenUsed => {
            Predicate::By(format!("used the token{} for the first time that day", quoted("name")))
        }
        Action::TokenRevoked => Predicate::By(format!("revoked the token{}", quoted("name"))),
        Action::OrganizationCreated => {
            Predicate::By(format!("created the organization{}", quoted("name")))
        }
        Action::OrganizationRenamed => {
            Predicate::By(format!("renamed the organization{}", change()))
        }
        Action::OrganizationTransferred => by("transferred the organization to another owner"),
        Action::QuotaAgreed => by("changed the agreed monthly credits"),
        Action::OrganizationErasureRequested => {
            Predicate::By(format!("had the organization{} erased", quoted("name")))
        }
        Action::PlanChanged => Predicate::Happened(match (plan("before"), plan("after")) {
            ("", _) | (_, "") => "The plan changed".to_owned(),
            (before, after) => format!("The plan changed from {before} to {after}"),
        }),
        Action::SubscriptionCheckoutStarted => by("went to Stripe to subscribe"),
        Action::PlanChangeRequested => {
            Predicate::By(format!("asked for a change of the plan{}", to_plan(plan("plan"))))
        }
        Action::SubscriptionCancelRequested => by("canceled the subscription"),
        Action::SubscriptionResumeRequested => by("resumed the subscription"),
        Action::SubscriptionStarted => {
            Predicate::Happened(format!("A subscription started{}", to_plan(plan("plan"))))
        }
        Action::SubscriptionChanged => Predicate::Happened(subscription_text(
            plan("plan"),
            detail("status"),
            plan("scheduled_plan"),
            detail("cancel_at_period_end"),
        )),
        Action::SubscriptionEnded => {
            Predicate::Happened(format!("The subscription{} ended", to_plan(plan("plan"))))
        }
        Action::CreditsToppedUp => {
            Predicate::Happened(format!("{} were bought", credits(detail("credits"))))
        }
        Action::CreditsTakenBack => Predicate::Happened(format!(
            "{} were taken back after a refund or dispute",
            credits(detail("credits"))
        )),
        Action::CreditsGivenBack => Predicate::Happened(format!(
            "{} were given back after a refund or dispute",
            credits(detail("credits"))
        )),
        Action::CreditsAdjusted => {
            Predicate::By(format!("adjusted the credits by {}", credits(detail("credits"))))
        }
        Action::PaymentFailed => happened("A payment failed"),
        Action::PaymentMethodAdded => happened("A payment method was added"),
        Action::PaymentMethodRemoveRequested => {
            Predicate::By(format!("removed {}", card(detail("last4"))))
        }
        Action::DefaultPaymentMethodChanged => {
            Predicate::By(format!("made {} the default", card(detail("last4"))))
        }
        Action::PaymentMethodRemoved => Predicate::Happened(match detail("last4") {
            "" => "A payment method was removed".to_owned(),
            last4 => format!("The card ending in {last4} was removed"),
        }),
        Action::BillingRemoved => happened("All data at Stripe was removed"),
        Action::OrganizationSuspended => by("suspended the organization"),
        Action::OrganizationUnsuspended => by("ended the suspension of the organization"),
        Action::OrganizationDeleted => {
            Predicate::By(format!("deleted the organization{}", quoted("name")))
        }
        Action::OrganizationRestored => {
            Predicate::By(format!("restored the organization{}", quoted("name")))
        }
        Action::TwoFactorPolicyChanged if detail("after") == "true" => {
            by("made two-factor authentication a requirement for members")
        }
        Action::TwoFactorPolicyChanged => {
            by("no longer requires two-factor authentication of members")
        }
        Action::InvitationCreated => Predicate::By(format!("invited a person{}", role())),
        Action::InvitationResent => Predicate::By(format!("sent an invitation{} again", role())),
        Action::InvitationRevoked => Predicate::By(format!("revoked an invitation{}", role())),
        Action::InvitationDeclined => Predicate::By(format!("declined an invitation{}", role())),
        Action::MemberJoined => Predicate::By(format!("joined{}", role())),
        Action::MemberRoleChanged => Predicate::By(match (detail("before"), detail("after")) {
            ("", _) | (_, "") => "changed the role of a member".to_owned(),
            (before, after) => format!("changed the role of a member from {before} to {after}"),
        }),
        Action::MemberRemoved => Predicate::By(match detail("role") {
            "" => "removed a member".to_owned(),
            role => format!("removed a member with the role {role}"),
        }),
        Action::MemberLeft => by("left the organization"),
        Action::KeyCreated => Predicate::By(format!("created the API key{}", quoted("name"))),
        Action::KeyRotated => Predicate::By(format!("rotated the API key{}", quoted("name"))),
        Action::KeyRevoked => Predicate::By(format!("revoked the API key{}", quoted("name"))),
        Action::KeyUsed => by("was used for the first time that day"),
        Action::ProjectCreated => Predicate::By(format!("created the project{}", quoted("name"))),
        Action::ProjectChanged => {
            Predicate::By(format!("changed the project{}{}", quoted("name"), fields()))
        }
        Action::ProjectForked => Predicate::By(format!("forked a project into{}", quoted("name"))),
        Action::ProjectDeleted => Predicate::By(format!("deleted the project{}", quoted("name"))),
        Action::BriefChanged => Predicate::By(format!("changed the brief of {}", the("project"))),
        Action::ArtifactUploaded => Predicate::By(format!("uploaded the file{}", quoted("path"))),
        Action::ArtifactDeleted => Predicate::By(match detail("version") {
            "" => format!("deleted a version of the file{}", quoted("path")),
            version => format!("deleted version {version} of the file{}", quoted("path")),
        }),
        Action::RunStarted => Predicate::By(format!("started the run{}", quoted("name"))),
        Action::RunFinished => match detail("status") {
            "" => Predicate::By(format!("finished {}", the("run"))),
            status => Predicate::By(format!("reported {} as {status}", the("run"))),
        },
    }
}

fn to_plan(plan: &str) -> String {
    if plan.is_empty() { String::new() } else { format!(" to {plan}") }
}

fn card(last4: &str) -> String {
    if last4.is_empty() {
        "a payment method".to_owned()
    } else {
        format!("the card ending in {last4}")
    }
}

/// Returns what changed about a subscription. Empty details are not known.
fn subscription_text(plan: &str, status: &str, next_plan: &str, is_canceled: &str) -> String {
    match (plan, status) {
        ("", _) => "The subscription changed".to_owned(),
        (plan, "past_due" | "unpaid") => format!("The payment of the {plan} plan failed"),
        (plan, _) if is_canceled == "true" => format!("The {plan} plan ends with its period"),
        (plan, _) if !next_plan.is_empty() => {
            format!("The plan changes from {plan} to {next_plan} at the end of the period")
        }
        (plan, "active") => format!("The {plan} plan is active"),
        (plan, _) => format!("The subscription to {plan} changed"),
    }
}

fn credits(amount: &str) -> String {
    Credits::parse(amount).map_or_else(|| "Credits".to_owned(), credits_text)
}

fn lower_you(actor: &str) -> &str {
    if actor == "You" { "you" } else { actor }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(action: Action, actor: Option<&str>, details: &[(&str, &str)]) -> String {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        activity_text(action, actor, &details.iter().map(pair).collect())
    }

    #[test]
    fn an_event_is_a_sentence() {
        let names = [("before", "Acme"), ("after", "Acme Corp")];
        let renamed = text(Action::OrganizationRenamed, Some("ada@example.com"), &names);
        assert_eq!(renamed, "ada@example.com renamed the organization from “Acme” to “Acme Corp”");
        assert_eq!(text(Action::PasswordChanged, Some("You"), &[]), "You changed the password");
        assert_eq!(text(Action::PaymentFailed, None, &[]), "A payment failed");
        assert_eq!(text(Action::MemberLeft, None, &[]), "AIUS left the organization");
        let failed = text(Action::SignInFailed, Some("You"), &[]);
        assert_eq!(failed, "A sign-in failed");
    }

    #[test]
    fn an_event_names_what_it_is_about() {
        let named = |action, details: &[_]| text(action, Some("You"), details);
        let happened = |action, details: &[_]| text(action, None, details);
        let brief = [("name", "Churn"), ("size_after", "9")];
        let brief = named(Action::BriefChanged, &brief);
        assert_eq!(brief, "You changed the brief of the project “Churn”");
        let run = named(Action::RunFinished, &[("name", "Nightly"), ("status", "failed")]);
        assert_eq!(run, "You reported the run “Nightly” as failed");
        let plan = happened(Action::PlanChanged, &[("before", "free"), ("after", "basic")]);
        assert_eq!(plan, "The plan changed from Free to Basic");
        let bought = happened(Action::CreditsToppedUp, &[("credits", "2000")]);
        assert_eq!(bought, "2,000 credits were bought");
        let removed = named(Action::MemberRemoved, &[("role", "viewer")]);
        assert_eq!(removed, "You removed a member with the role viewer");
    }

    #[test]
    fn a_changed_subscription_says_what_changed() {
        let changed = |details: &[_]| text(Action::SubscriptionChanged, None, details);
        let (pro, active) = (("plan", "pro"), ("status", "active"));
        let ends = changed(&[pro, active, ("cancel_at_period_end", "true")]);
        assert_eq!(ends, "The Pro plan ends with its period");
        let next = changed(&[pro, active, ("scheduled_plan", "basic")]);
        assert_eq!(next, "The plan changes from Pro to Basic at the end of the period");
        let failed = changed(&[pro, ("status", "past_due")]);
        assert_eq!(failed, "The payment of the Pro plan failed");
        assert_eq!(changed(&[pro, active]), "The Pro plan is active");
        assert_eq!(changed(&[]), "The subscription changed");
    }

    #[test]
    fn a_missing_detail_leaves_no_gap() {
        assert_eq!(text(Action::KeyCreated, Some("You"), &[]), "You created the API key");
        let key = text(Action::KeyCreated, Some("You"), &[("name", "ci")]);
        assert_eq!(key, "You created the API key “ci”");
        let used = text(Action::KeyUsed, Some("API key “ci”"), &[]);
        assert_eq!(used, "API key “ci” was used for the first time that day");
    }
}
