//! The credits that an upgrade within a period buys.

use super::Plan;
use crate::credits::Credits;
use crate::stripe::Stripe;
use crate::stripe::invoices::{InvoiceLine, StripeInvoice};

/// Returns the new plan and the credits that the invoice of an upgrade buys: the difference of the monthly credits, in
/// proportion to what is left of the period. So nobody gets the credits of a month for the price of a day. `None` if it
/// is no upgrade.
///
/// The proportion is that of the amounts, which Stripe rounds to cents.
pub(super) fn upgrade_credits(stripe: &Stripe, invoice: &StripeInvoice) -> Option<(Plan, Credits)> {
    let plan = |line: &InvoiceLine| stripe.prices().plan(line.price()?);
    let lines = || invoice.lines.data.iter().filter(|line| line.is_proration());
    let new = lines().find(|line| line.amount > 0)?;
    let old = lines().find(|line| line.amount < 0).and_then(plan)?;
    let new_plan = plan(new)?;
    let credits = credits_for(old, new_plan, new.amount, new.full_amount()?)?;
    Some((new_plan, credits))
}

/// Returns the part `amount` of `full_amount` of the difference of two plans' monthly credits.
fn credits_for(old: Plan, new: Plan, amount: i64, full_amount: i64) -> Option<Credits> {
    let more = new.limits().credits.checked_sub(old.limits().credits).filter(|more| *more > 0)?;
    let amount = amount.clamp(0, full_amount.max(0));
    let micros = i128::from(Credits::whole(more).micros()) * i128::from(amount);
    let micros = micros.checked_div(i128::from(full_amount))?;
    i64::try_from(micros).ok().map(Credits::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_are_in_proportion_to_the_price() {
        let credits = |old, new, amount| {
            credits_for(old, new, amount, 20_000).map(|credits| credits.to_string())
        };
        assert_eq!(credits(Plan::Basic, Plan::Pro, 20_000).unwrap(), "15000");
        assert_eq!(credits(Plan::Basic, Plan::Pro, 10_000).unwrap(), "7500");
        assert_eq!(credits(Plan::Basic, Plan::Pro, 1).unwrap(), "0.75");
        assert_eq!(credits(Plan::Basic, Plan::Pro, 0).unwrap(), "0");
        assert_eq!(credits(Plan::Basic, Plan::Pro, 30_000).unwrap(), "15000");
        assert_eq!(credits(Plan::Pro, Plan::Basic, 5_000), None);
        assert_eq!(credits(Plan::Pro, Plan::Pro, 5_000), None);
        assert_eq!(credits_for(Plan::Basic, Plan::Pro, 1, 0), None);
    }
}
