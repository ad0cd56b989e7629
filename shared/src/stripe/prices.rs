//! The prices of our plans at Stripe.

use crate::billing::Plan;
use crate::error::{Error, Result};

/// The price ids of the plans that can be subscribed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices(Vec<(String, Plan)>);

impl Prices {
    /// Parses `basic=price_a,price_b;pro=price_c;enterprise=price_d`: for each plan the ids of its prices at
    /// Stripe. The first id is offered to customers; the others are older prices that some still pay. An empty
    /// text means that nobody can subscribe.
    ///
    /// # Errors
    /// `Internal` if a part has no `=`, names no paid plan, contains an empty id, or repeats an id of any plan.
    pub fn parse(text: &str) -> Result<Self> {
        let mut prices: Vec<(String, Plan)> = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (plan, ids) = part.split_once('=').ok_or_else(|| malformed(part))?;
            let plan = Plan::ALL
                .into_iter()
                .find(|paid| *paid != Plan::Free && paid.name() == plan.trim())
                .ok_or_else(|| malformed(part))?;
            for id in ids.split(',').map(str::trim) {
                // A price that buys two plans would buy either.
                if id.is_empty() || prices.iter().any(|(known, _)| known == id) {
                    return Err(malformed(part));
                }
                prices.push((id.to_owned(), plan));
            }
        }
        Ok(Self(prices))
    }

    /// Returns the plan of a price; `None` if the price is not ours.
    pub fn plan(&self, price: &str) -> Option<Plan> {
        self.0.iter().find(|(id, _)| id == price).map(|(_, plan)| *plan)
    }

    /// Returns the price id that customers are offered for a plan; `None` if the plan has no price here, or its
    /// price is agreed on individually.
    pub fn offered(&self, plan: Plan) -> Option<&str> {
        self.of_plan(plan).next().filter(|_| plan.price().is_some())
    }

    /// Returns the price ids of a plan, the offered one first.
    pub fn of_plan(&self, plan: Plan) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(_, other)| *other == plan).map(|(id, _)| id.as_str())
    }
}

fn malformed(part: &str) -> Error {
    Error::internal(format!("STRIPE_PRICES is not as documented: {part}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_parsed_by_plan() {
        let prices = Prices::parse("basic=price_a, price_b; pro=price_c;").unwrap();
        assert_eq!(prices.plan("price_b"), Some(Plan::Basic));
        assert_eq!(prices.plan("price_c"), Some(Plan::Pro));
        assert_eq!(prices.plan("price_x"), None);
        assert_eq!(prices.of_plan(Plan::Basic).collect::<Vec<_>>(), ["price_a", "price_b"]);
        assert_eq!(Prices::parse("").unwrap(), Prices::default());
    }

    #[test]
    fn every_plan_but_the_free_one_has_prices() {
        for plan in Plan::ALL {
            let parsed = Prices::parse(&format!("{}=price_a", plan.name()));
            let offered = parsed.map(|prices| prices.plan("price_a"));
            assert_eq!(offered.ok().flatten(), (plan != Plan::Free).then_some(plan), "{plan:?}");
        }
    }

    #[test]
    fn ambiguous_prices_are_refused() {
        for bad in
            ["basic", "gold=price_a", "free=price_a", "basic=", "basic=a;pro=a", "basic=a,,b"]
        {
            assert!(Prices::parse(bad).is_err(), "{bad}");
        }
    }
}
