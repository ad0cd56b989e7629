//! How a visit to a page at Stripe ended, as the address that it returns to says.

use std::time::Duration;

use shared::billing::ledger::{EntryKind, TransactionView};
use shared::clock::Timestamp;

use super::plan_card::PlanCard;
use crate::pages::credits_text;

/// The time within which the newest top-up counts as that of the visit.
const VISIT_DURATION: Duration = Duration::from_secs(10 * 60);

/// What the billing page says after a visit to Stripe.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) text: String,
    /// Whether Stripe's confirmation is still to come.
    pub(super) is_waiting: bool,
}

/// How a visit to a page at Stripe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostedPageOutcome {
    /// A plan was paid.
    Subscribed,
    /// Credits were paid.
    ToppedUp,
    /// A card was saved.
    CardSaved,
    /// The person came back without paying.
    Canceled,
}

impl HostedPageOutcome {
    /// The query parameter that names the outcome in the link back from Stripe.
    pub(super) const PARAMETER: &'static str = "outcome";

    const ALL: [Self; 4] = [Self::Subscribed, Self::ToppedUp, Self::CardSaved, Self::Canceled];

    /// Returns the value of the query parameter.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Subscribed => "subscribed",
            Self::ToppedUp => "topped-up",
            Self::CardSaved => "card-saved",
            Self::Canceled => "canceled",
        }
    }

    /// Parses the value of the query parameter.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// Returns what the billing page says. Anybody can make the address, so it promises nothing that Stripe has not
    /// confirmed. What
    /// Stripe has confirmed is in the plan and the newest transactions.
    pub(super) fn notice(
        self,
        plan: Option<&PlanCard>,
        transactions: &[TransactionView],
        now: Timestamp,
    ) -> Notice {
        let confirmed = match self {
            Self::Subscribed => plan.and_then(|card| {
                let day = card.paid_until.as_ref()?;
                Some(format!("{} is active until {day}.", card.plan))
            }),
            Self::ToppedUp => transactions
                .iter()
                .find(|entry| entry.kind == EntryKind::Topup)
                .filter(|entry| now < entry.created_at.plus(VISIT_DURATION))
                .map(|entry| format!("{} were added.", credits_text(entry.credits))),
            Self::CardSaved | Self::Canceled => None,
        };
        let is_waiting = confirmed.is_none() && self != Self::Canceled;
        Notice { text: confirmed.unwrap_or_else(|| self.message().to_owned()), is_waiting }
    }

    /// Returns what the page says while Stripe has not confirmed the payment.
    const fn message(self) -> &'static str {
        match self {
            Self::Subscribed => {
                "Thank you. The plan below changes when Stripe confirms the payment, usually within seconds."
            }
            Self::ToppedUp => {
                "Thank you. The credits are added when Stripe confirms the payment, usually within seconds."
            }
            Self::CardSaved => "Thank you. The card is listed below when Stripe has saved it.",
            Self::Canceled => "You came back from Stripe without finishing. Nothing was charged.",
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::credits::Credits;

    use super::*;

    #[test]
    fn credits_that_came_are_named() {
        let now = Timestamp::from_seconds(100_000);
        let entry = |seconds| TransactionView {
            id: "txn_1".to_owned(),
            kind: EntryKind::Topup,
            credits: Credits::whole(2_000),
            balance_after: Credits::whole(3_000),
            description: String::new(),
            run_id: None,
            project_id: None,
            created_at: Timestamp::from_seconds(seconds),
        };
        let notice = |seconds| HostedPageOutcome::ToppedUp.notice(None, &[entry(seconds)], now);
        let come = Notice { text: "2,000 credits were added.".to_owned(), is_waiting: false };
        assert_eq!(notice(99_990), come);
        assert!(notice(1).is_waiting, "an older top-up is not that of the visit");
        assert!(HostedPageOutcome::Subscribed.notice(None, &[], now).is_waiting);
        assert!(!HostedPageOutcome::Canceled.notice(None, &[], now).is_waiting);
    }

    #[test]
    fn each_name_is_read_back() {
        for outcome in HostedPageOutcome::ALL {
            assert_eq!(HostedPageOutcome::parse(outcome.name()), Some(outcome));
        }
        assert_eq!(HostedPageOutcome::parse("x"), None);
    }
}
