//! The published limits and the assumed latencies of `bench/limits.yaml`.

use serde::Deserialize;

/// Limits of AWS, and what the model assumes of latencies and processors.
#[derive(Clone, Debug, Deserialize)]
pub struct Limits {
    /// Limits of DynamoDB: of a partition, of the table and of a new table.
    pub dynamodb: DynamoDbLimits,
    /// Quotas of Lambda for an account in one region.
    pub lambda: LambdaLimits,
    /// Quotas of API Gateway for an account in one region.
    pub api_gateway: GatewayLimits,
    /// Quotas of SES for an account in one region.
    pub ses: SesLimits,
    /// Assumed latencies of DynamoDB, in milliseconds.
    pub latency: Latencies,
    /// Assumed processor time of a request in milliseconds, and its log lines and response in bytes.
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

/// Limits of DynamoDB, most of them in capacity units a second.
#[derive(Clone, Debug, Deserialize)]
pub struct DynamoDbLimits {
    /// Write capacity units that one partition serves in a second.
    pub partition_writes_per_s: f64,
    /// Read capacity units that one partition serves in a second.
    pub partition_reads_per_s: f64,
    /// Write capacity units that a table serves in a second, by the default quota.
    pub table_writes_per_s: f64,
    /// Read capacity units that a table serves in a second, by the default quota.
    pub table_reads_per_s: f64,
    /// Write capacity units that a new on-demand table serves in a second, before it has grown.
    pub new_table_writes_per_s: f64,
    /// Read capacity units that a new on-demand table serves in a second, before it has grown.
    pub new_table_reads_per_s: f64,
    /// Bytes of an item that one write capacity unit pays for.
    pub write_unit_bytes: f64,
    /// Factor by which a write in a transaction costs more capacity units than the same write outside of one.
    pub transaction_factor: f64,
    /// Bytes that DynamoDB adds to each item for its storage.
    pub item_overhead_bytes: f64,
}

impl DynamoDbLimits {
    /// Returns the write capacity units of an item with that many bytes.
    pub fn write_units(&self, bytes: f64) -> f64 {
        (bytes / self.write_unit_bytes).ceil().max(1.0)
    }

    /// Returns the write capacity units of an item in a transaction, also of one that is only checked.
    pub fn transaction_units(&self, bytes: f64) -> f64 {
        self.transaction_factor * self.write_units(bytes)
    }
}

/// Quotas of Lambda for an account in one region.
#[derive(Clone, Debug, Deserialize)]
pub struct LambdaLimits {
    /// Maximum number of requests that all functions process at the same time.
    pub concurrency: f64,
    /// Requests a second that each unit of the concurrency quota allows.
    pub requests_per_s_per_concurrency: f64,
    /// Maximum number of execution environments that one function starts in 10 seconds.
    pub scaling_per_10_s: f64,
    /// Memory in MB with which a function has one whole virtual CPU. With less it has a share of one.
    pub vcpu_mb: f64,
}

/// Quotas of API Gateway for an account in one region.
#[derive(Clone, Debug, Deserialize)]
pub struct GatewayLimits {
    /// Maximum number of requests to all APIs of the account in a second.
    pub requests_per_s: f64,
}

/// Quotas of SES for an account in one region.
#[derive(Clone, Debug, Deserialize)]
pub struct SesLimits {
    /// Maximum number of mails in a second.
    pub mails_per_s: f64,
    /// Maximum number of mails in 24 hours.
    pub mails_per_day: f64,
}

/// Latencies of DynamoDB's operations as a function sees them, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Latencies {
    /// Latency of a read of one item or of several.
    pub read: Latency,
    /// Latency of a write of one item outside of a transaction.
    pub write: Latency,
    /// Latency of a transaction from the request to its answer.
    pub transaction: Latency,
}

/// Two percentiles of a latency, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Latency {
    /// Median of the latency, in milliseconds.
    pub median_ms: f64,
    /// 99th percentile of the latency, in milliseconds.
    pub p99_ms: f64,
}

/// Processor time and bytes that a request takes besides its calls to DynamoDB.
#[derive(Clone, Debug, Deserialize)]
pub struct Compute {
    /// Processor time of one request without password hashes, in milliseconds of a whole virtual CPU.
    pub request_vcpu_ms: f64,
    /// Processor time of one password hash, in milliseconds of a whole virtual CPU.
    pub hash_vcpu_ms: f64,
    /// Bytes of the log lines that one request writes.
    pub log_bytes: f64,
    /// Bytes of an average response with its headers.
    pub response_bytes: f64,
}
