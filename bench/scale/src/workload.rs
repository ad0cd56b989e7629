//! The modelled load of `bench/workload.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::simulation::SimulationParams;
use crate::{Error, Result};

/// The assumed users, their requests, and what these do.
#[derive(Clone, Debug, Deserialize)]
pub struct Workload {
    /// The number of users.
    pub users: f64,
    /// Requests in a second.
    pub requests_per_s: f64,
    /// The share of the requests to organizations that the largest one sends.
    pub largest_organization_share: f64,
    /// The share of an organization's requests that its busiest user or key sends.
    pub busiest_user_share: f64,
    /// Partitions of each work list.
    pub work_list_shards: f64,
    /// The calls and their shares.
    pub mix: Vec<MixedCall>,
    /// Password hashes of calls.
    pub hashes: BTreeMap<String, f64>,
    /// Mails of calls.
    pub mails: BTreeMap<String, f64>,
    /// Calls that also wait for other services, which the model leaves out.
    pub waits_for_others: Vec<String>,
    /// The partitions that calls use.
    pub partitions: Vec<PartitionUse>,
    /// The items that users and calls store.
    pub storage: Vec<StoredItem>,
    /// Parameters of the simulation.
    pub simulation: SimulationParams,
}

/// A call of the mix.
#[derive(Clone, Debug, Deserialize)]
pub struct MixedCall {
    /// The row of `docs/COSTS.md`.
    pub call: String,
    /// The share of all requests.
    pub share: f64,
    /// What the call does, in a few words.
    pub what: String,
    /// Whether it is a request to an organization.
    #[serde(default)]
    pub organization: bool,
}

/// The kind of owner of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holder {
    /// Each organization has one.
    Organization,
    /// Each user has one.
    User,
    /// The service has as many as there are shards.
    Service,
}

/// A kind of partition, and what calls consume in it.
#[derive(Clone, Debug, Deserialize)]
pub struct PartitionUse {
    /// The partition key, with `c` for an organization, `u` for a user and `d` for a day.
    pub key: String,
    /// The kind of owner.
    pub holder: Holder,
    /// What one request of each call consumes.
    pub calls: Vec<PartitionCall>,
    /// What to do when the partition is saturated.
    pub next: String,
    /// Whether the units are not among those of the call's row, because that row is of a later call of the day.
    #[serde(default)]
    pub is_outside_the_call: bool,
}

/// What one call consumes in a partition.
#[derive(Clone, Debug, Deserialize)]
pub struct PartitionCall {
    /// The row of `docs/COSTS.md`.
    pub call: String,
    /// Write units.
    pub writes: f64,
    /// Read units.
    pub reads: f64,
    /// Write units that the measured row lacks: of the worker's later work, or of a balance with a full list of recent
    /// debits.
    #[serde(default)]
    pub later_writes: f64,
    /// Read units that the measured row lacks.
    #[serde(default)]
    pub later_reads: f64,
}

/// A kind of stored item.
#[derive(Clone, Debug, Deserialize)]
pub struct StoredItem {
    /// Name of the item.
    pub item: String,
    /// Bytes with keys and names of attributes.
    pub bytes: f64,
    /// How many items each user has.
    #[serde(default)]
    pub per_user: f64,
    /// The call that adds one item.
    pub per_call: Option<String>,
    /// Days until the item expires. It stays for ever if absent.
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
