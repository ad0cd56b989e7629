//! Deletes the records of the embedded engine's stream that the worker has processed. The engine itself keeps them for
//! ever, DynamoDB for a day.

use aws_sdk_dynamodbstreams::types::Record;
use dynoxide::Database;

use crate::aws::trim_stream;

/// The number of records that are read before they are deleted together.
const TRIM_BATCH_SIZE: usize = 1000;

/// Counts the records that were read, and deletes them together.
pub(super) struct StreamTrimmer {
    /// The embedded engine; `None` with an external DynamoDB.
    database: Option<Database>,
    stream_arn: String,
    /// The sequence number of the last record that was read.
    last: String,
    /// The number of records that were read since the last deletion.
    pending: usize,
}

impl StreamTrimmer {
    pub(super) fn new(database: Option<Database>, stream_arn: String) -> Self {
        Self { database, stream_arn, last: String::new(), pending: 0 }
    }

    /// Adds records that were read.
    pub(super) fn add(&mut self, records: &[Record]) {
        self.pending += records.len();
        let last = records.last().and_then(|record| record.dynamodb()?.sequence_number());
        if let Some(last) = last {
            last.clone_into(&mut self.last);
        }
    }

    /// Returns whether enough records were read for a deletion. Never with an external DynamoDB.
    pub(super) fn is_due(&self) -> bool {
        self.database.is_some() && self.pending >= TRIM_BATCH_SIZE
    }

    /// Deletes all records that were read but the last. If the engine fails, the next call tries again.
    pub(super) fn trim(&mut self) {
        let Some(database) = &self.database else { return };
        match trim_stream(database, &self.stream_arn, &self.last) {
            Ok(()) => self.pending = 0,
            Err(error) => {
                tracing::warn!(cause = ?error, "processed stream records cannot be deleted");
            }
        }
    }
}
