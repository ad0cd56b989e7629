//! Computes what the load consumes: capacity units of the table, and executions of the functions.

use std::collections::BTreeMap;

use crate::call_cost::CallCost;
use crate::inputs::Inputs;
use crate::template::Route;
use crate::{Error, Result};

/// What the calls of the mix consume in a second.
#[derive(Debug)]
pub struct Load<'a> {
    /// What each call of the mix consumes.
    pub calls: Vec<CallLoad<'a>>,
    /// Number of mails that are sent in a second.
    pub mails_per_s: f64,
    /// What the worker consumes to send the mails.
    pub worker: Demand,
}

/// What one call of the mix consumes in a second.
#[derive(Debug)]
pub struct CallLoad<'a> {
    /// The cost of the call at DynamoDB.
    pub cost: &'a CallCost,
    /// A few words for readers that say what the call does.
    pub what: &'a str,
    /// The route of the call in `template.yaml`.
    pub route: Route,
    /// What the requests of the call consume.
    pub demand: Demand,
}

/// What requests consume in a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Demand {
    /// Number of requests in a second.
    pub requests: f64,
    /// Read capacity units in a second.
    pub reads: f64,
    /// Write capacity units in a second.
    pub writes: f64,
    /// Number of Lambda executions that run at the same time, on average.
    pub concurrency: f64,
    /// GB-seconds that Lambda bills for each second of the load.
    pub gb_seconds: f64,
}

/// Returns how many requests run at the same time: arrivals in a second times the seconds of each (Little's law).
pub fn concurrency(arrivals_per_s: f64, seconds: f64) -> f64 {
    arrivals_per_s * seconds
}

impl Demand {
    fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.reads += other.reads;
        self.writes += other.writes;
        self.concurrency += other.concurrency;
        self.gb_seconds += other.gb_seconds;
    }
}

impl<'a> Load<'a> {
    /// Computes the load.
    ///
    /// # Errors
    /// Fails if a call of the mix has no row in `docs/COSTS.md` or no route.
    pub fn new(inputs: &'a Inputs) -> Result<Self> {
        let workload = &inputs.workload;
        let mut calls = Vec::new();
        let mut mails_per_s = 0.0;
        for mixed in &workload.mix {
            let cost = inputs.cost(&mixed.call)?;
            let rate = mixed.share * workload.requests_per_s;
            let demand = demand(inputs, cost, rate)?;
            mails_per_s += rate * workload.mails.get(&mixed.call).copied().unwrap_or_default();
            calls.push(CallLoad {
                cost,
                what: &mixed.what,
                route: inputs.template.route(&cost.label)?,
                demand,
            });
        }
        let worker = demand(inputs, inputs.cost(WORKER_MAIL)?, mails_per_s)?;
        Ok(Self { calls, mails_per_s, worker })
    }

    /// Returns what all calls and the worker consume together.
    pub fn total(&self) -> Demand {
        let mut total = self.worker;
        self.calls.iter().for_each(|call| total.add(call.demand));
        total
    }

    /// Returns the requests of users in a second, without those of the worker.
    pub fn requests_per_s(&self) -> f64 {
        self.calls.iter().map(|call| call.demand.requests).sum()
    }

    /// Returns the route that is closest to its limit, and its requests in a second.
    ///
    /// # Errors
    /// Fails if the mix is empty.
    pub fn tightest_route(&self) -> Result<(&Route, f64)> {
        let mut routes: BTreeMap<(&str, &str), (&Route, f64)> = BTreeMap::new();
        for call in &self.calls {
            let key = (call.route.function.as_str(), call.route.path.as_str());
            routes.entry(key).or_insert((&call.route, 0.0)).1 += call.demand.requests;
        }
        let share = |(route, requests): &(&Route, f64)| requests / route.requests_per_s;
        let tightest = routes.into_values().max_by(|a, b| share(a).total_cmp(&share(b)));
        tightest.ok_or_else(|| Error::new("bench/workload.yaml: the mix is empty"))
    }

    /// Returns the concurrent executions of each function.
    pub fn concurrency_by_function(&self) -> BTreeMap<&str, f64> {
        let mut functions: BTreeMap<&str, f64> =
            BTreeMap::from([("worker", self.worker.concurrency)]);
        for call in &self.calls {
            *functions.entry(&call.route.function).or_default() += call.demand.concurrency;
        }
        functions
    }
}

/// The row of `docs/COSTS.md` of a mail that the worker sends.
pub(crate) const WORKER_MAIL: &str = "worker: mail";

/// Computes what a call consumes at that many requests in a second.
fn demand(inputs: &Inputs, cost: &CallCost, requests: f64) -> Result<Demand> {
    let seconds = duration_ms(inputs, cost)? / 1000.0;
    Ok(Demand {
        requests,
        reads: requests * cost.reads,
        writes: requests * cost.writes,
        concurrency: concurrency(requests, seconds),
        gb_seconds: requests * billed_gb_seconds(inputs, cost)?,
    })
}

/// Returns the milliseconds that a call takes in Lambda: sequential round trips, password hashes and its own work. The
/// time in which it waits for Stripe, Google, SES and S3 is left out.
///
/// # Errors
/// Fails if the call has no route.
pub fn duration_ms(inputs: &Inputs, cost: &CallCost) -> Result<f64> {
    let latency = &inputs.limits.latency;
    let transactions = cost.transactions.min(cost.trips);
    let waits = (cost.trips - transactions) * latency.read.median_ms
        + transactions * latency.transaction.median_ms;
    let memory_mb = inputs.template.memory_mb(&inputs.template.route(&cost.label)?.function)?;
    let vcpus = (memory_mb / inputs.limits.lambda.vcpu_mb).min(1.0);
    let hashes = inputs.workload.hashes.get(&cost.label).copied().unwrap_or_default();
    let compute = &inputs.limits.compute;
    Ok(waits + (compute.request_vcpu_ms + hashes * compute.hash_vcpu_ms) / vcpus)
}

/// Returns the GB-seconds of a call. Lambda bills each started millisecond.
///
/// # Errors
/// Fails if the call has no route.
pub(crate) fn billed_gb_seconds(inputs: &Inputs, cost: &CallCost) -> Result<f64> {
    let memory_mb = inputs.template.memory_mb(&inputs.template.route(&cost.label)?.function)?;
    Ok(duration_ms(inputs, cost)?.ceil() / 1000.0 * memory_mb / 1024.0)
}
