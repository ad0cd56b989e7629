//! Renders the results of the simulations.

use super::format::Column::Number;
use super::format::{number, percent, table};
use crate::call_cost::CALL_OF_DEBIT;
use crate::model::{MAX_REFUSED_SHARE, Model};
use crate::simulation::SimulationOutcome;

/// Renders what is simulated, and the tables of the three simulations.
pub(super) fn tables(model: &Model<'_>) -> String {
    let pause = model.inputs.workload.simulation.pause_ms;
    let introduction = format!(
        "### Debits of one organization at once (simulated)\n\n- A caller spends credits, pauses for {pause} ms on average, \
         and spends again.\n- Times are from a debit's first request to its success, with the pauses after a 503.\n\
         - Executions are those that Lambda holds for the organization.\n- *Used* is the share of the busiest \
         partition's write units.\n\n"
    );
    [introduction, as_updates(model), as_transactions(model)].concat()
}

/// Renders the simulations of the service's design, which spends credits with single updates.
fn as_updates(model: &Model<'_>) -> String {
    let (limits, params) = (&model.inputs.limits.dynamodb, &model.inputs.workload.simulation);
    let of_balance = limits.write_units(params.full_balance_bytes);
    format!(
        "**As the service makes them**, while the ledger is in one partition: guard, conditional update of the balance, \
         then entry and number of the guard side by side. One debit in {} also removes old debits from the balance.\n\n{}\n\
         **The same**, after DynamoDB split the ledger for heat. The balance is one item of {} units and is the end: {} \
         units a second for {} units of each debit. With a short list of recent debits it would have one unit. The reads of \
         the organization's own partition end at {} debits a second; they are not simulated.\n\n{}\n",
        params.shorten_one_in,
        outcomes(&model.updates),
        number(of_balance),
        number(limits.partition_writes_per_s),
        number(of_balance * (1.0 + 1.0 / shorten_one_in(params.shorten_one_in))),
        number(limits.partition_reads_per_s / reads_of_organization(model)),
        outcomes(&model.updates_after_split),
    )
}

/// Converts a count to a number of the model.
fn shorten_one_in(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Renders the simulation of the former design, which spent credits with transactions.
fn as_transactions(model: &Model<'_>) -> String {
    let others = model.other_latencies.iter().map(|(factor, debits)| {
        format!("{} with {} times the latencies", number(*debits), number(*factor))
    });
    format!(
        "**As transactions**, which the service made before. An attempt that meets another is repeated up to {} times, and \
         then answered 503. Attempts that failed are assumed to consume units, too.\n\n{}\nHere latencies decide. Debits a \
         second with at most {} answered 503: {}.\n",
        model.inputs.workload.simulation.max_attempts - 1,
        outcomes(&model.transactions),
        percent(MAX_REFUSED_SHARE),
        others.collect::<Vec<_>>().join(", "),
    )
}

/// Returns the read units of a debit in the partition of the organization.
fn reads_of_organization(model: &Model<'_>) -> f64 {
    let partitions =
        model.inputs.workload.partitions.iter().filter(|partition| partition.key == "CLIENT#c");
    let calls =
        partitions.flat_map(|partition| &partition.calls).filter(|call| call.call == CALL_OF_DEBIT);
    calls.map(|call| call.reads).sum()
}

fn outcomes(outcomes: &[SimulationOutcome]) -> String {
    let row = |outcome: &SimulationOutcome| {
        vec![
            number_of(outcome.callers),
            number(outcome.debits_per_s),
            number(outcome.conflicts_per_debit),
            number(outcome.throttles_per_debit),
            percent(outcome.refused_share),
            number(outcome.median_ms),
            number(outcome.p99_ms),
            number(outcome.executions),
            percent(outcome.utilization),
        ]
    };
    let rows: Vec<_> = outcomes.iter().map(row).collect();
    let head = [
        Number("callers"),
        Number("debits a second"),
        Number("conflicts a debit"),
        Number("throttled a debit"),
        Number("503"),
        Number("median ms"),
        Number("99 % ms"),
        Number("executions"),
        Number("used"),
    ];
    table(&head, &rows)
}

fn number_of(count: usize) -> String {
    u32::try_from(count).map_or_else(|_| count.to_string(), |count| number(count.into()))
}
