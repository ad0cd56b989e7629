//! The list prices of `bench/prices.yaml`.

use serde::Deserialize;

/// AWS's list prices, in US dollars.
#[derive(Debug, Deserialize)]
pub struct Prices {
    /// The region of AWS that the prices are for.
    pub region: String,
    /// The day on which the prices were looked up.
    pub as_of: String,
    pub(crate) api_gateway: Price<PerMillionRequests>,
    pub(crate) data_transfer_out: Price<PerGb>,
    pub(crate) lambda: Price<Lambda>,
    pub(crate) dynamodb: Price<Units>,
    pub(crate) dynamodb_storage: Price<PerGbMonth>,
    pub(crate) dynamodb_backup: Price<PerGbMonth>,
    pub(crate) ses: Price<PerThousandMails>,
    pub(crate) cloudwatch_logs: Price<PerGb>,
    pub(crate) cloudwatch_log_storage: Price<PerGbMonth>,
    pub(crate) secrets_manager: Price<Secrets>,
    pub(crate) sqs: Price<PerMillionRequests>,
}

/// A price and where it comes from.
#[derive(Debug, Deserialize)]
pub(crate) struct Price<T> {
    /// URL of the page of AWS that has the price.
    pub(crate) source: String,
    /// The text in which the price was read.
    pub(crate) seen: String,
    /// The day on which it was looked up, or `none`.
    pub(crate) looked_up: String,
    #[serde(flatten)]
    pub(crate) value: T,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PerMillionRequests {
    pub(crate) per_million_requests: Tiers,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PerGb {
    pub(crate) per_gb: Tiers,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PerGbMonth {
    pub(crate) per_gb_month: Tiers,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Lambda {
    pub(crate) per_million_requests: Tiers,
    pub(crate) per_gb_second: Tiers,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Units {
    pub(crate) per_million_reads: Tiers,
    pub(crate) per_million_writes: Tiers,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PerThousandMails {
    pub(crate) per_thousand_mails: Tiers,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Secrets {
    pub(crate) per_secret_month: Tiers,
}

/// A price that falls with the amount of a month.
#[derive(Debug, Deserialize)]
pub struct Tiers(Vec<Tier>);

/// The price of one unit up to an amount.
#[derive(Debug, Deserialize)]
struct Tier {
    up_to: Option<f64>,
    price: f64,
}

impl Tiers {
    /// Returns the price of an amount in a month.
    pub fn cost(&self, amount: f64) -> f64 {
        let (mut cost, mut below) = (0.0, 0.0);
        for tier in &self.0 {
            let end = tier.up_to.unwrap_or(f64::INFINITY);
            cost += (amount.min(end) - below).max(0.0) * tier.price;
            below = end;
        }
        cost
    }

    /// Returns the price of one unit in the first tier, which is the highest.
    pub fn first(&self) -> f64 {
        self.0.first().map_or(0.0, |tier| tier.price)
    }
}

impl Prices {
    /// Returns name, source, place where it was read and day of each price.
    pub(crate) fn sources(&self) -> Vec<[&str; 4]> {
        fn row<'a, T>(name: &'a str, price: &'a Price<T>) -> [&'a str; 4] {
            [name, &price.source, &price.seen, &price.looked_up]
        }
        vec![
            row("API Gateway", &self.api_gateway),
            row("data transfer", &self.data_transfer_out),
            row("Lambda", &self.lambda),
            row("DynamoDB units", &self.dynamodb),
            row("DynamoDB storage", &self.dynamodb_storage),
            row("DynamoDB backup", &self.dynamodb_backup),
            row("SES", &self.ses),
            row("CloudWatch Logs", &self.cloudwatch_logs),
            row("storage of logs", &self.cloudwatch_log_storage),
            row("Secrets Manager", &self.secrets_manager),
            row("SQS", &self.sqs),
        ]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tiers() -> Tiers {
        Tiers(vec![Tier { up_to: Some(300.0), price: 1.0 }, Tier { up_to: None, price: 0.9 }])
    }

    #[test]
    fn each_tier_has_its_own_price() {
        assert!((tiers().cost(200.0) - 200.0).abs() < 1e-9);
        assert!((tiers().cost(400.0) - 390.0).abs() < 1e-9);
        assert!(tiers().cost(0.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn more_never_costs_less_and_never_more_than_the_first_tier(
            amount in 0.0..1e9_f64, more in 0.0..1e9_f64,
        ) {
            let (cost, larger) = (tiers().cost(amount), tiers().cost(amount + more));
            prop_assert!(larger >= cost);
            prop_assert!(cost <= amount * tiers().first() + 1e-6);
        }
    }
}
