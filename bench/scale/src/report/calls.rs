//! Renders the price of calls.

use super::format::Column::{Number, Text};
use super::format::{dollars, number, percent, table};
use crate::Result;
use crate::load::duration_ms;
use crate::model::Model;
use crate::money::dollars_per_million;

/// Renders the calls of the mix.
pub(super) fn mix(model: &Model<'_>) -> Result<String> {
    let inputs = model.inputs;
    let requests = model.load.requests_per_s();
    let mut rows = Vec::new();
    for call in &model.load.calls {
        rows.push(vec![
            format!("{} (`{}`)", call.what, call.cost.label.replace('`', "")),
            percent(call.demand.requests / requests),
            number(call.cost.reads),
            number(call.cost.writes),
            number(duration_ms(inputs, call.cost)?),
            dollars(dollars_per_million(inputs, call.cost)?),
        ]);
    }
    let head = [
        Text("call"),
        Number("share"),
        Number("RCU"),
        Number("WCU"),
        Number("ms"),
        Number("a million"),
    ];
    Ok(format!(
        "### Calls of the mix\n\nShares are assumed. RCU and WCU are measured capacity units. Milliseconds are those in \
         Lambda with assumed latencies. The price has all services.\n\n{}",
        table(&head, &rows)
    ))
}

/// Renders all calls.
pub(super) fn all(model: &Model<'_>) -> Result<String> {
    let inputs = model.inputs;
    let mut rows = Vec::new();
    for cost in &inputs.costs {
        let is_more =
            if inputs.workload.waits_for_others.contains(&cost.label) { " +" } else { "" };
        rows.push(vec![
            cost.label.clone(),
            number(cost.reads),
            number(cost.writes),
            format!("{}{is_more}", number(duration_ms(inputs, cost)?)),
            format!("{}{is_more}", dollars(dollars_per_million(inputs, cost)?)),
        ]);
    }
    let head = [Text("call"), Number("RCU"), Number("WCU"), Number("ms"), Number("a million")];
    Ok(format!(
        "### All calls\n\nUnits are the most that was measured. With `+` the call also waits for Stripe, Google, Slack or \
         S3, which is left out.\n\n{}",
        table(&head, &rows)
    ))
}
