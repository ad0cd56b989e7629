//! Computes which limit the load meets first, and says what to do at each.

use std::fmt;

use crate::Result;
use crate::call_cost::CALL_OF_DEBIT;
use crate::inputs::Inputs;
use crate::load::Load;
use crate::partitions::HotPartition;
use crate::simulation::SimulationOutcome;

/// Says who sets a limit, and thus who can change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// The template or the warm throughput of the table sets it.
    Setting,
    /// AWS sets it for an account that has not asked for more.
    Quota,
    /// The keys and the transactions of the service set it.
    Design,
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Setting => "setting",
            Self::Quota => "quota",
            Self::Design => "design",
        })
    }
}

/// A limit, and how much of it the load needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Saturation {
    /// Says who sets the limit.
    pub kind: LimitKind,
    /// The name of what is limited, for readers.
    pub what: String,
    /// The amount that the load needs, in `unit`.
    pub needed: f64,
    /// The amount that the limit allows, in `unit`.
    pub limit: f64,
    /// The unit of `needed` and `limit`.
    pub unit: &'static str,
    /// What operators can do when the limit is reached.
    pub next: String,
}

impl Saturation {
    /// Returns the share of the limit that the load needs. Above 1 the load is too much.
    pub fn share(&self) -> f64 {
        self.needed / self.limit
    }

    /// Returns the requests in a second, of all users with the same mix, at which the limit is met.
    pub fn at_requests_per_s(&self, requests_per_s: f64) -> f64 {
        requests_per_s / self.share()
    }
}

/// Returns all limits, in the order in which a growing load meets them.
///
/// # Errors
/// Fails if the mix is empty.
pub fn saturations(
    inputs: &Inputs,
    load: &Load<'_>,
    partitions: &[HotPartition],
    busiest_run: &SimulationOutcome,
) -> Result<Vec<Saturation>> {
    let mut all = of_settings(inputs, load)?;
    all.extend(of_quotas(inputs, load));
    all.extend(partitions.iter().map(|partition| of_partition(inputs, partition)));
    all.push(Saturation {
        kind: LimitKind::Design,
        what: "debits of the largest organization (simulated)".to_owned(),
        needed: debits_of_largest_organization(inputs),
        limit: busiest_run.debits_per_s,
        unit: "debits",
        next: "wait until DynamoDB has split the ledger for heat; then fewer recent debits in a balance".to_owned(),
    });
    all.sort_by(|one, other| other.share().total_cmp(&one.share()));
    Ok(all)
}

/// Returns the debits of the largest organization in a second.
pub(crate) fn debits_of_largest_organization(inputs: &Inputs) -> f64 {
    inputs.workload.rate_of(CALL_OF_DEBIT) * inputs.workload.largest_organization_share
}

/// Creates a limit from its kind, name, numbers and remedy.
fn limit(
    kind: LimitKind,
    what: impl Into<String>,
    (needed, limit, unit): (f64, f64, &'static str),
    next: &str,
) -> Saturation {
    Saturation { kind, what: what.into(), needed, limit, unit, next: next.to_owned() }
}

fn of_settings(inputs: &Inputs, load: &Load<'_>) -> Result<Vec<Saturation>> {
    let dynamodb = &inputs.limits.dynamodb;
    let total = load.total();
    let (route, requests) = load.tightest_route()?;
    let warm = "set the table's warm throughput before the launch";
    Ok(vec![
        limit(
            LimitKind::Setting,
            format!("`ThrottlingRateLimit` of a route, here `{}`", route.path),
            (requests, route.requests_per_s, "requests"),
            "raise it in the template",
        ),
        limit(
            LimitKind::Setting,
            "writes of a new table",
            (total.writes, dynamodb.new_table_writes_per_s, "write units"),
            warm,
        ),
        limit(
            LimitKind::Setting,
            "reads of a new table",
            (total.reads, dynamodb.new_table_reads_per_s, "read units"),
            warm,
        ),
    ])
}

fn of_quotas(inputs: &Inputs, load: &Load<'_>) -> Vec<Saturation> {
    let limits = &inputs.limits;
    let total = load.total();
    let invocations = limits.lambda.concurrency * limits.lambda.requests_per_s_per_concurrency;
    let raise = "raise the quota";
    let row = |what: &str, numbers: (f64, f64, &'static str), next: &str| {
        limit(LimitKind::Quota, what, numbers, next)
    };
    vec![
        row(
            "requests to API Gateway",
            (load.requests_per_s(), limits.api_gateway.requests_per_s, "requests"),
            "raise the quota; then a second account or region",
        ),
        row(
            "requests to Lambda",
            (total.requests, invocations, "requests"),
            "raise the quota of concurrency",
        ),
        row(
            "concurrency of Lambda",
            (total.concurrency, limits.lambda.concurrency, "executions"),
            "raise the quota; reserve a part for sign-in",
        ),
        row(
            "writes of the table",
            (total.writes, limits.dynamodb.table_writes_per_s, "write units"),
            raise,
        ),
        row(
            "reads of the table",
            (total.reads, limits.dynamodb.table_reads_per_s, "read units"),
            "raise the quota; let services verify access tokens instead of calling *token*",
        ),
        row("mails in a second", (load.mails_per_s, limits.ses.mails_per_s, "mails"), raise),
        row(
            "mails in a day",
            (load.mails_per_s * 86_400.0, limits.ses.mails_per_day, "mails"),
            raise,
        ),
    ]
}

/// Returns the limit of a partition that is met first, of its writes or its reads.
fn of_partition(inputs: &Inputs, partition: &HotPartition) -> Saturation {
    let limits = &inputs.limits.dynamodb;
    let writes = (partition.writes_per_s, limits.partition_writes_per_s, "write units");
    let reads = (partition.reads_per_s, limits.partition_reads_per_s, "read units");
    let numbers = if writes.0 / writes.1 >= reads.0 / reads.1 { writes } else { reads };
    limit(
        LimitKind::Design,
        format!("busiest partition `{}`", partition.key),
        numbers,
        &partition.next,
    )
}
