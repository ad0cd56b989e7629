//! The simulated charges.

use super::format::Column::Number;
use super::format::{number, percent, table};
use crate::model::{CALL_OF_CHARGE, MAX_REFUSED_SHARE, Model};
use crate::simulation::Outcome;

/// What is simulated, and the tables of the three simulations.
pub(super) fn tables(model: &Model<'_>) -> String {
    let pause = model.inputs.workload.simulation.pause_ms;
    let introduction = format!(
        "### Charges of one organization at once (simulated)\n\n- A caller charges, pauses for {pause} ms on average, \
         and charges again.\n- Times are from a charge's first request to its success, with the pauses after a 503.\n\
         - Executions are those that Lambda holds for the organization.\n- *Used* is the share of the busiest \
         partition's write units. Attempts that failed are assumed to consume units, too.\n- Not simulated are other \
         changes of the organization. Their transactions also conflict with charges, at the month's usage and at the \
         rows that both check.\n\n"
    );
    [introduction, as_transactions(model), as_updates(model)].concat()
}

/// The design of the service.
fn as_transactions(model: &Model<'_>) -> String {
    let others = model.other_latencies.iter().map(|(factor, charges)| {
        format!("{} with {} times the latencies", number(*charges), number(*factor))
    });
    format!(
        "**As transactions**, as the service does. An attempt that meets another is repeated up to {} times, and then \
         answered 503.\n\n{}\nLatencies decide. Charges a second with at most {} answered 503: {}.\n\n",
        model.inputs.workload.simulation.max_attempts - 1,
        outcomes(&model.transactions),
        percent(MAX_REFUSED_SHARE),
        others.collect::<Vec<_>>().join(", "),
    )
}

/// The planned design.
fn as_updates(model: &Model<'_>) -> String {
    let limits = &model.inputs.limits.dynamodb;
    format!(
        "**As single writes** (planned), while the ledger is in one partition: guard, conditional update of the balance, \
         entry, completed guard.\n\n{}\n**As single writes**, after DynamoDB split the ledger for heat. The balance is \
         one item, so {} charges a second are the end. The reads of the organization's own partition end at {} a second. \
         These reads and the counting of the month's usage are not simulated.\n\n{}",
        outcomes(&model.updates),
        number(limits.partition_writes_per_s),
        number(limits.partition_reads_per_s / reads_of_organization(model)),
        outcomes(&model.updates_after_split),
    )
}

/// The read units of a charge in the partition of the organization.
fn reads_of_organization(model: &Model<'_>) -> f64 {
    let partitions =
        model.inputs.workload.partitions.iter().filter(|partition| partition.key == "CLIENT#c");
    let calls = partitions
        .flat_map(|partition| &partition.calls)
        .filter(|call| call.call == CALL_OF_CHARGE);
    calls.map(|call| call.reads).sum()
}

fn outcomes(outcomes: &[Outcome]) -> String {
    let row = |outcome: &Outcome| {
        vec![
            number_of(outcome.callers),
            number(outcome.charges_per_s),
            number(outcome.conflicts_per_charge),
            number(outcome.throttles_per_charge),
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
        Number("charges a second"),
        Number("conflicts a charge"),
        Number("throttled a charge"),
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
