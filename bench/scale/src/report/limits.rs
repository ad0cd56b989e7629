//! Renders the limits of partitions and functions.

use super::format::Column::{Number, Text};
use super::format::{number, percent, table};
use crate::Result;
use crate::load::{concurrency, duration_ms};
use crate::model::Model;

/// Renders the busiest partition of each kind of key.
pub(super) fn partitions(model: &Model<'_>) -> String {
    let workload = &model.inputs.workload;
    let limits = &model.inputs.limits.dynamodb;
    let rows: Vec<_> = model
        .partitions
        .iter()
        .map(|partition| {
            let throttled = if partition.is_throttled() {
                format!("{} of it", percent(1.0 - partition.served_share()))
            } else {
                "nothing".to_owned()
            };
            vec![
                format!("`{}`", partition.key),
                number(partition.writes_per_s),
                number(partition.reads_per_s),
                percent(partition.utilization()),
                percent(partition.needed_share_of_one),
                throttled,
            ]
        })
        .collect();
    let head = [
        Text("partition"),
        Number("WCU a second"),
        Number("RCU a second"),
        Number("used"),
        Number("if there were one"),
        Text("throttled"),
    ];
    format!(
        "### Busiest partitions\n\nA partition serves {} write and {} read units in a second. The largest organization \
         sends {} of all requests to organizations, its busiest user or key {} of them. Work lists have {} partitions \
         each. DynamoDB may split a hot partition, which takes minutes; that is left out here.\n\n{}",
        number(limits.partition_writes_per_s),
        number(limits.partition_reads_per_s),
        percent(workload.largest_organization_share),
        percent(workload.busiest_user_share),
        number(workload.work_list_shards),
        table(&head, &rows)
    )
}

/// Renders the concurrent executions of each function.
pub(super) fn functions(model: &Model<'_>) -> String {
    let lambda = &model.inputs.limits.lambda;
    let by_function = model.load.concurrency_by_function();
    let mut rows: Vec<_> = by_function
        .iter()
        .map(|(function, executions)| {
            let seconds = executions / lambda.scaling_per_10_s * 10.0;
            vec![format!("`{function}`"), number(*executions), number(seconds)]
        })
        .collect();
    let total = by_function.values().sum();
    rows.push(vec!["**all**".to_owned(), format!("**{}**", number(total)), String::new()]);
    format!(
        "### Functions\n\nExecutions at the same time are requests in a second times seconds of each (Little's law). \
         Lambda adds at most {} executions to a function in 10 seconds. Password hashes are {} of all executions.\n\n{}",
        number(lambda.scaling_per_10_s),
        percent(hashing_share(model, total)),
        table(&[Text("function"), Number("executions"), Number("seconds from none")], &rows)
    )
}

/// Renders what it takes if all users sign in within an hour, as after an incident that ended all sessions.
///
/// # Errors
/// Fails if the call has no row.
pub(super) fn sign_in_storm(model: &Model<'_>) -> Result<String> {
    let inputs = model.inputs;
    let cost = inputs.cost("POST /v1/login")?;
    let rate = inputs.workload.users / 3_600.0;
    let executions = concurrency(rate, duration_ms(inputs, cost)? / 1000.0);
    let (writes, limit) = (rate * cost.writes, inputs.limits.dynamodb.table_writes_per_s);
    Ok(format!(
        "### If all users sign in within an hour\n\n{} sign-ins a second with a password take {} executions of `auth` and \
         {} write units a second, {} of the table's default quota.\n",
        number(rate),
        number(executions),
        number(writes),
        percent(writes / limit),
    ))
}

/// Returns the share of all concurrent executions that are hashing a password.
fn hashing_share(model: &Model<'_>, total: f64) -> f64 {
    let inputs = model.inputs;
    let hashing = model.load.calls.iter().map(|call| {
        let hashes = inputs.workload.hashes.get(&call.cost.label).copied().unwrap_or_default();
        // A function that hashes is in the template, or the load could not have been computed.
        let memory_mb =
            inputs.template.memory_mb(&call.route.function).unwrap_or(inputs.limits.lambda.vcpu_mb);
        let vcpus = (memory_mb / inputs.limits.lambda.vcpu_mb).min(1.0);
        call.demand.requests * hashes * inputs.limits.compute.hash_vcpu_ms / vcpus / 1000.0
    });
    hashing.sum::<f64>() / total
}
