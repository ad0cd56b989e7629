//! How a visit to a page at Stripe ended, as the address that it returns to says.

/// How a visit to a page at Stripe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A plan was paid.
    Subscribed,
    /// Credits were paid.
    ToppedUp,
    /// A card was saved.
    CardSaved,
    /// The person came back without paying.
    Canceled,
}

impl Outcome {
    /// The query parameter.
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
    /// confirmed: the cards below show what is so.
    pub(super) const fn message(self) -> &'static str {
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
    use super::*;

    #[test]
    fn each_name_is_read_back() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.name()), Some(outcome));
        }
        assert_eq!(Outcome::parse("x"), None);
    }
}
