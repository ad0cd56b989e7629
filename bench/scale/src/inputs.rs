//! The files that the model reads.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::call_cost::{CallCost, parse_call_costs};
use crate::limits::Limits;
use crate::prices::Prices;
use crate::template::Template;
use crate::workload::Workload;
use crate::{Error, Result};

/// Everything that the model is computed from.
#[derive(Debug)]
pub struct Inputs {
    /// What each call costs at DynamoDB, in round trips and capacity units.
    pub costs: Vec<CallCost>,
    /// AWS's list prices in US dollars, from `bench/prices.yaml`.
    pub prices: Prices,
    /// Published limits of AWS, and assumed latencies.
    pub limits: Limits,
    /// The assumed load: users, the mix of calls, and what they store.
    pub workload: Workload,
    /// Routes, their throttling, and the memory of the functions.
    pub template: Template,
}

/// Returns the root folder of the workspace.
pub fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Inputs {
    /// Reads the files below the workspace's root.
    ///
    /// # Errors
    /// Fails if one of them is missing or wrong, or names a call that has no row in `docs/COSTS.md`.
    pub fn read(root: &Path) -> Result<Self> {
        let inputs = Self {
            costs: parse_call_costs(
                &text(root, "docs/COSTS.md")?,
                &text(root, "bench/units.tsv")?,
            )?,
            prices: yaml(root, "bench/prices.yaml")?,
            limits: yaml(root, "bench/limits.yaml")?,
            workload: yaml(root, "bench/workload.yaml")?,
            template: Template::parse(&text(root, "template.yaml")?)?,
        };
        inputs.workload.validate()?;
        let workload = &inputs.workload;
        let named =
            workload.hashes.keys().chain(workload.mails.keys()).chain(&workload.waits_for_others);
        let named = named.chain(
            workload.partitions.iter().flat_map(|key| key.calls.iter().map(|call| &call.call)),
        );
        for label in named.chain(workload.storage.iter().filter_map(|item| item.per_call.as_ref()))
        {
            inputs.cost(label)?;
        }
        Ok(inputs)
    }

    /// Returns the cost of a call.
    ///
    /// # Errors
    /// Fails if `docs/COSTS.md` has no such row.
    pub fn cost(&self, label: &str) -> Result<&CallCost> {
        let cost = self.costs.iter().find(|cost| cost.label == label);
        cost.ok_or_else(|| Error::new(format!("docs/COSTS.md has no row {label}")))
    }
}

/// Reads a file below the workspace's root.
pub(crate) fn text(root: &Path, path: &str) -> Result<String> {
    fs::read_to_string(root.join(path)).map_err(|e| Error::new(format!("{path}: {e}")))
}

fn yaml<T: DeserializeOwned>(root: &Path, path: &str) -> Result<T> {
    serde_norway::from_str(&text(root, path)?).map_err(|e| Error::new(format!("{path}: {e}")))
}
