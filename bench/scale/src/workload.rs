//! The modelled load of `bench/workload.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::simulation::SimulationParams;
use crate::{Error, Result};

/// The assumed users, their requests, and what these read, write and store.
#[derive(Clone, Debug, Deserialize)]
pub struct Workload {
    /// Number of users of the service.
    pub users: f64,
    /// Number of requests of all users in a second.
    pub requests_per_s: f64,
    /// Share of the requests to organizations that the largest organization sends, from 0 to 1.
    pub largest_organization_share: f64,
    /// Share of an organization's requests that its busiest user or key sends, from 0 to 1.
    pub busiest_user_share: f64,
    /// Number of partitions that each work list of the service is divided into.
    pub work_list_shards: f64,
    /// The calls that users make, with the share of each.
    pub mix: Vec<MixedCall>,
    /// Number of password hashes that one request computes, by the row of its call in `docs/COSTS.md`.
    pub hashes: BTreeMap<String, f64>,
    /// Number of mails that one request sends, by the row of its call in `docs/COSTS.md`.
    pub mails: BTreeMap<String, f64>,
    /// Calls that also wait for other services, such as Stripe. The model leaves out this time.
    pub waits_for_others: Vec<String>,
    /// The kinds of partitions, and what calls consume in each.
    pub partitions: Vec<PartitionUse>,
    /// The kinds of items that users and calls store.
    pub storage: Vec<StoredItem>,
    /// Parameters of the simulation of one organization.
    pub simulation: SimulationParams,
}

/// A call that users make, with its share of all requests.
#[derive(Clone, Debug, Deserialize)]
pub struct MixedCall {
    /// The row of the call in `docs/COSTS.md`.
    pub call: String,
    /// Share of all requests that are this call, from 0 to 1.
    pub share: f64,
    /// A few words for readers that say what the call does.
    pub what: String,
    /// Whether the call is a request to one organization.
    #[serde(default)]
    pub organization: bool,
}

/// The kind of owner that a partition has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holder {
    /// Each organization has one such partition.
    Organization,
    /// Each user has one such partition.
    User,
    /// The service has [`Workload::work_list_shards`] such partitions.
    Service,
}

/// A kind of partition, and the capacity units that calls consume in it.
#[derive(Clone, Debug, Deserialize)]
pub struct PartitionUse {
    /// The pattern of the partition key, with `c` for an organization, `u` for a user and `d` for a day.
    pub key: String,
    /// The kind of owner that these partitions have.
    pub holder: Holder,
    /// The calls that use the partition, with what one request of each consumes.
    pub calls: Vec<PartitionCall>,
    /// What operators can do when the partition is saturated.
    pub next: String,
    /// Whether the units are not among those of the call's row, because that row is of a later call of the day.
    #[serde(default)]
    pub is_outside_the_call: bool,
}

/// The capacity units that one request of a call consumes in a partition.
#[derive(Clone, Debug, Deserialize)]
pub struct PartitionCall {
    /// The row of the call in `docs/COSTS.md`.
    pub call: String,
    /// Write capacity units of the measured row that are consumed in this partition.
    pub writes: f64,
    /// Read capacity units of the measured row that are consumed in this partition.
    pub reads: f64,
    /// Write capacity units that the measured row lacks: of the worker's later work, or of a balance with a full list
    /// of recent debits.
    #[serde(default)]
    pub later_writes: f64,
    /// Read capacity units that the measured row lacks, for the same reasons.
    #[serde(default)]
    pub later_reads: f64,
}

/// A kind of item that stays in the table after the call that writes it.
#[derive(Clone, Debug, Deserialize)]
pub struct StoredItem {
    /// The name of the kind of item, for readers.
    pub item: String,
    /// Bytes of one item, with its keys and the names of its attributes.
    pub bytes: f64,
    /// Number of such items that each user has from the start.
    #[serde(default)]
    pub per_user: f64,
    /// The row of the call in `docs/COSTS.md` that adds one item with each request.
    pub per_call: Option<String>,
    /// Number of days until the item expires. It stays for ever if this is absent.
    pub days: Option<f64>,
}

impl Workload {
    /// Checks that the shares of the mix sum up to 1.
    ///
    /// # Errors
    /// Fails if they do not.
    pub fn validate(&self) -> Result<()> {
        let sum: f64 = self.mix.iter().map(|call| call.share).sum();
        if (sum - 1.0).abs() > 1e-9 {
            return Err(Error::new(format!(
                "bench/workload.yaml: the shares of the mix sum up to {sum}, not to 1"
            )));
        }
        Ok(())
    }

    /// Returns how often a call of the mix is made in a second, 0 if it is not in the mix.
    pub fn rate_of(&self, label: &str) -> f64 {
        let share: f64 =
            self.mix.iter().filter(|mixed| mixed.call == label).map(|mixed| mixed.share).sum();
        share * self.requests_per_s
    }
}
