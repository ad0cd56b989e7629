//! The busiest partition of each kind of key, compared with what DynamoDB serves in one partition.

use crate::inputs::Inputs;
use crate::workload::{Holder, PartitionUse};

/// The load of the busiest partition that has one kind of key.
#[derive(Clone, Debug, PartialEq)]
pub struct HotPartition {
    /// The pattern of the partition key, as in `bench/workload.yaml`.
    pub key: String,
    /// Write capacity units that the load asks for in a second.
    pub writes_per_s: f64,
    /// Read capacity units that the load asks for in a second.
    pub reads_per_s: f64,
    /// What the load asks for, divided by what the partition serves. It is the larger share of writes and reads, and
    /// above 1 if the partition is saturated.
    pub needed_share: f64,
    /// The same share if this kind of key had one partition instead of several shards.
    pub needed_share_of_one: f64,
    /// What operators can do when the partition is saturated.
    pub next: String,
}

impl HotPartition {
    /// Returns the share of the partition's capacity that is used, at most 1.
    pub fn utilization(&self) -> f64 {
        self.needed_share.min(1.0)
    }

    /// Returns whether DynamoDB refuses a part of what is asked for.
    pub fn is_throttled(&self) -> bool {
        self.needed_share > 1.0
    }

    /// Returns the share of the requests that DynamoDB serves.
    pub fn served_share(&self) -> f64 {
        if self.is_throttled() { 1.0 / self.needed_share } else { 1.0 }
    }
}

/// Returns the busiest partition of each kind. Splits for heat are left out, because they take minutes and never divide
/// one item.
pub fn hot_partitions(inputs: &Inputs) -> Vec<HotPartition> {
    inputs.workload.partitions.iter().map(|partition| hot_partition(inputs, partition)).collect()
}

fn hot_partition(inputs: &Inputs, partition: &PartitionUse) -> HotPartition {
    let workload = &inputs.workload;
    let share = match partition.holder {
        Holder::Organization => workload.largest_organization_share,
        Holder::User => workload.largest_organization_share * workload.busiest_user_share,
        Holder::Service => 1.0 / workload.work_list_shards,
    };
    let units = |units_of: fn(&crate::workload::PartitionCall) -> f64| -> f64 {
        partition
            .calls
            .iter()
            .map(|call| workload.rate_of(&call.call) * units_of(call) * share)
            .sum()
    };
    let (writes_per_s, reads_per_s) = (
        units(|call| call.writes + call.later_writes),
        units(|call| call.reads + call.later_reads),
    );
    let limits = &inputs.limits.dynamodb;
    let needed_share = (writes_per_s / limits.partition_writes_per_s)
        .max(reads_per_s / limits.partition_reads_per_s);
    let shards = if partition.holder == Holder::Service { workload.work_list_shards } else { 1.0 };
    HotPartition {
        key: partition.key.clone(),
        writes_per_s,
        reads_per_s,
        needed_share,
        needed_share_of_one: needed_share * shards,
        next: partition.next.clone(),
    }
}
