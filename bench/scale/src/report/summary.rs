//! Renders the beginning of the report: findings, and the limits that are met first.

use super::format::Column::{Number, Text};
use super::format::{dollars, number, percent, table};
use crate::model::{MAX_REFUSED_SHARE, Model, sustained};
use crate::saturation::{LimitKind, Saturation, debits_of_largest_organization};
use crate::simulation::SimulationOutcome;

/// Renders the title and the findings of the report.
pub(super) fn introduction(model: &Model<'_>) -> String {
    let params = &model.inputs.workload.simulation;
    format!(
        "# Scale\n\nWhat {} million users and {} requests a second cost, and where the service saturates. \
         `cargo run -p bench-scale` writes this page, and a test compares it with what the model computes.\n\n- Measured \
         are round trips and capacity units of each call.\n- Published are limits and prices: `bench/limits.yaml`, \
         `bench/prices.yaml`.\n- Assumed are the load (`bench/workload.yaml`), latencies and processor times \
         (`bench/limits.yaml`).\n- Simulated are the debits of one organization, {} seconds of each row with the seed \
         {}.\n- Nothing ran on AWS.\n\n## Findings\n\n{}",
        number(model.inputs.workload.users / 1e6),
        number(model.inputs.workload.requests_per_s),
        params.seconds,
        params.seed,
        findings(model)
    )
}

/// Renders the findings in a few lines.
pub(super) fn findings(model: &Model<'_>) -> String {
    let requests = model.load.requests_per_s();
    let total = model.load.total();
    let first = |kind| model.saturations.iter().find(|limit| limit.kind == kind);
    let met = |limit: Option<&Saturation>| match limit {
        Some(limit) => format!(
            "{}, at {} requests a second of all users. Next: {}",
            limit.what,
            number(limit.at_requests_per_s(requests)),
            limit.next
        ),
        None => "none".to_owned(),
    };
    let over = model.saturations.iter().filter(|limit| limit.share() > 1.0).count();
    format!(
        "- **First setting**: {}.\n- **First quota**: {}.\n- **First limit of the design**: {}.\n- {over} of {} limits \
         are below the modelled load.\n- **The table** serves {} write and {} read units a second. It has no limit of \
         its own: each partition has one.\n- **One organization** makes at most these debits a second, with at most {} \
         answered 503: {}, {} after DynamoDB split its ledger. Transactions would make {}. Beyond that: \
         fewer recent debits in a balance, then several debits in one request. The largest one makes {} at this \
         load, which is assumed.\n- **A month** costs {}, {} for a \
         thousand users.\n",
        met(first(LimitKind::Setting)),
        met(first(LimitKind::Quota)),
        met(first(LimitKind::Design)),
        model.saturations.len(),
        number(total.writes),
        number(total.reads),
        percent(MAX_REFUSED_SHARE),
        debits(&model.updates),
        debits(&model.updates_after_split),
        debits(&model.transactions),
        number(debits_of_largest_organization(model.inputs)),
        dollars(model.dollars_per_month()),
        dollars(model.dollars_per_month() / model.inputs.workload.users * 1e3),
    )
}

fn debits(outcomes: &[SimulationOutcome]) -> String {
    sustained(outcomes).map_or_else(|| "none".to_owned(), |most| number(most.debits_per_s))
}

/// Renders the limits that are met first.
pub(super) fn first_limits(model: &Model<'_>, count: usize) -> String {
    let requests = model.load.requests_per_s();
    let row = |limit: &Saturation| {
        vec![
            limit.what.clone(),
            limit.kind.to_string(),
            number(limit.needed),
            format!("{} {}", number(limit.limit), limit.unit),
            number(limit.at_requests_per_s(requests)),
            limit.next.clone(),
        ]
    };
    let rows: Vec<_> = model.saturations.iter().take(count).map(row).collect();
    let head = [
        Text("limit"),
        Text("kind"),
        Number("needed"),
        Number("allowed"),
        Number("met at"),
        Text("what comes next"),
    ];
    format!(
        "### Limits in the order in which they are met\n\n*Met at*: requests a second, of all users and with the same \
         mix, at which the limit is met.\n\n{}",
        table(&head, &rows)
    )
}
