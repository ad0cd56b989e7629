//! Renders the bill, and the sources of its prices.

use super::format::Column::{Number, Text};
use super::format::{dollars, number, table};
use crate::model::Model;
use crate::money::MONTHS_OF_GROWTH;

/// Renders the bill of a month.
pub(super) fn bill(model: &Model<'_>) -> String {
    let mut lines = model.bill.clone();
    lines.sort_by(|one, other| other.dollars.total_cmp(&one.dollars));
    let mut rows: Vec<_> = lines
        .iter()
        .map(|line| {
            let (amount, unit) = line.amount;
            vec![line.what.to_owned(), format!("{} {unit}", number(amount)), dollars(line.dollars)]
        })
        .collect();
    rows.push(vec![
        "**total**".to_owned(),
        String::new(),
        format!("**{}**", dollars(model.dollars_per_month())),
    ]);
    let size = &model.size;
    format!(
        "### A month of this load\n\nThe load never pauses; with half of it the bill is half, except storage. List prices \
         of {} on demand ({}). Files in S3, Stripe's fees and support are left out.\n\n{}\nThe table begins with {} \
         million items ({} GB). Each month adds {} million items ({} GB) that stay for ever, most of them ledger entries \
         and their guards. The bill has {} months of them.\n",
        model.inputs.prices.region,
        model.inputs.prices.as_of,
        table(&[Text("what"), Number("amount"), Number("a month")], &rows),
        number(size.items_of_users / 1e6),
        number(size.of_users_gb),
        number(size.items_per_month / 1e6),
        number(size.growth_gb_per_month),
        number(MONTHS_OF_GROWTH),
    )
}

/// Renders the source of each price.
pub(super) fn sources(model: &Model<'_>) -> String {
    let sources = model.inputs.prices.sources();
    let rows: Vec<_> = sources.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
    format!(
        "### Sources of the prices\n\nAWS's price pages are loaded by script, so most prices were read elsewhere. `none` \
         marks a price from memory of the page, to be checked. `bench/limits.yaml` has the sources of the limits.\n\n{}",
        table(&[Text("price"), Text("page"), Text("read in"), Text("on")], &rows)
    )
}
