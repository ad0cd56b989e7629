//! The published limits and the assumed latencies of `bench/limits.yaml`.

use serde::Deserialize;

/// Limits of AWS, and what the model assumes of latencies and processors.
#[derive(Clone, Debug, Deserialize)]
pub struct Limits {
    /// DynamoDB's limits.
    pub dynamodb: DynamoDbLimits,
    /// Lambda's quotas.
    pub lambda: LambdaLimits,
    /// API Gateway's quotas.
    pub api_gateway: GatewayLimits,
    /// SES's quotas.
    pub ses: SesLimits,
    /// Latencies of DynamoDB.
    pub latency: Latencies,
    /// Processor time and bytes of a request.
    pub compute: Compute,
}

impl Limits {
    /// Returns the same limits with all latencies multiplied by a factor.
    pub fn with_latencies(&self, factor: f64) -> Self {
        let times = |Latency { median_ms, p99_ms }| Latency {
            median_ms: median_ms * factor,
            p99_ms: p99_ms * factor,
        };
        let Latencies { read, write, transaction } = self.latency;
        let latency =
            Latencies { read: times(read), write: times(write), transaction: times(transaction) };
        Self { latency, ..self.clone() }
    }
}

/// DynamoDB's limits, in units a second.
#[derive(Clone, Debug, Deserialize)]
pub struct DynamoDbLimits {
    /// Write units of one partition.
    pub partition_writes_per_s: f64,
    /// Read units of one partition.
    pub partition_reads_per_s: f64,
    /// Write units of a table by the default quota.
    pub table_writes_per_s: f64,
    /// Read units of a table by the default quota.
    pub table_reads_per_s: f64,
    /// Write units that a new table serves at once.
    pub new_table_writes_per_s: f64,
    /// Read units that a new table serves at once.
    pub new_table_reads_per_s: f64,
    /// Bytes of an item that one write unit pays for.
    pub write_unit_bytes: f64,
    /// Units of a write in a transaction, for each unit of the same write outside of one.
    pub transaction_factor: f64,
    /// Bytes that are added to each stored item.
    pub item_overhead_bytes: f64,
}

impl DynamoDbLimits {
    /// Returns the write units of an item with that many bytes.
    pub fn write_units(&self, bytes: f64) -> f64 {
        (bytes / self.write_unit_bytes).ceil().max(1.0)
    }

    /// Returns the write units of an item in a transaction, also of one that is only checked.
    pub fn transaction_units(&self, bytes: f64) -> f64 {
        self.transaction_factor * self.write_units(bytes)
    }
}

/// Lambda's quotas.
#[derive(Clone, Debug, Deserialize)]
pub struct LambdaLimits {
    /// Concurrent executions of an account in a region.
    pub concurrency: f64,
    /// Requests in a second, for each unit of the concurrency quota.
    pub requests_per_s_per_concurrency: f64,
    /// New execution environments of a function in 10 seconds.
    pub scaling_per_10_s: f64,
    /// MB of memory at which a function has one virtual CPU.
    pub vcpu_mb: f64,
}

/// API Gateway's quotas.
#[derive(Clone, Debug, Deserialize)]
pub struct GatewayLimits {
    /// Requests of an account in a region, in a second.
    pub requests_per_s: f64,
}

/// SES's quotas.
#[derive(Clone, Debug, Deserialize)]
pub struct SesLimits {
    /// Mails in a second.
    pub mails_per_s: f64,
    /// Mails in 24 hours.
    pub mails_per_day: f64,
}

/// Latencies of DynamoDB's operations as a function sees them.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Latencies {
    /// Latency of a read, also of several items.
    pub read: Latency,
    /// Latency of a write of one item.
    pub write: Latency,
    /// Latency of a transaction.
    pub transaction: Latency,
}

/// Two percentiles of a latency, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Latency {
    /// The median.
    pub median_ms: f64,
    /// The 99th percentile.
    pub p99_ms: f64,
}

/// Processor time and bytes that a request takes beside DynamoDB.
#[derive(Clone, Debug, Deserialize)]
pub struct Compute {
    /// Milliseconds of a whole virtual CPU for one request, without password hashes.
    pub request_vcpu_ms: f64,
    /// Milliseconds of a whole virtual CPU for one password hash.
    pub hash_vcpu_ms: f64,
    /// Bytes of the log lines of a request.
    pub log_bytes: f64,
    /// Bytes of a response.
    pub response_bytes: f64,
}
