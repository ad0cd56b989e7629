//! Writes many rows at once, faster than operations do and without stream records.

use futures_util::{StreamExt, stream};
use local::StackOptions;
use serde_json::{Value, json};
use shared::clock::Timestamp;
use shared::dynamo::Record;

use crate::engine_handle::{EngineHandle, call};
use crate::test_app::dynamodb_local_url;
use crate::{FaultProxy, TestApp};

/// 15 November 2026 in Unix seconds.
const MIDDLE_OF_A_MONTH: i64 = 1_794_700_800;

/// DynamoDB's limit for one `BatchWriteItem`.
const BATCH_SIZE: usize = 25;

/// The number of batches that are written concurrently.
const WRITE_CONCURRENCY: usize = 8;

/// Writes rows directly to the table of a test app.
pub struct BulkWriter {
    engine: EngineHandle,
    table: String,
}

impl TestApp {
    /// Starts an app with the default options, and a writer for its table.
    pub async fn start_with_bulk_writer() -> (Self, BulkWriter) {
        Self::start().await.with_bulk_writer()
    }

    /// Starts an app whose clock begins in the middle of a month, and a writer for its table. The costs of a log depend
    /// on the months that it has events in.
    pub async fn start_in_mid_month_with_bulk_writer() -> (Self, BulkWriter) {
        let options = StackOptions {
            start_at: Some(Timestamp::from_seconds(MIDDLE_OF_A_MONTH)),
            dynamodb_url: dynamodb_local_url(),
            ..StackOptions::default()
        };
        Self::start_with_options(options).await.with_bulk_writer()
    }

    fn with_bulk_writer(self) -> (Self, BulkWriter) {
        let table = self.stack().context().config.table_name.clone();
        let bulk = BulkWriter { engine: self.ledger_check.engine().clone(), table };
        (self, bulk)
    }
}

impl FaultProxy {
    /// Returns a writer for a table that bypasses the faults.
    pub fn bulk(&self, table: &str) -> BulkWriter {
        BulkWriter { engine: self.engine().clone(), table: table.to_owned() }
    }
}

impl BulkWriter {
    /// Returns whether the table is in DynamoDB Local, which takes a minute for 100,000 rows.
    pub fn is_dynamodb_local(&self) -> bool {
        matches!(self.engine, EngineHandle::DynamoDbLocal(_))
    }

    /// Writes rows that [`row`] made.
    pub async fn put(&self, rows: Vec<Value>) {
        match &self.engine {
            EngineHandle::Embedded(database) => {
                local::import_rows(database, &self.table, rows).unwrap();
            }
            EngineHandle::DynamoDbLocal(url) => {
                let client = crate::visitor::plain_http().build().unwrap();
                let batches = rows.chunks(BATCH_SIZE).map(|rows| self.batch(&client, url, rows));
                stream::iter(batches)
                    .buffer_unordered(WRITE_CONCURRENCY)
                    .collect::<Vec<()>>()
                    .await;
            }
        }
    }

    async fn batch(&self, client: &reqwest::Client, url: &str, rows: &[Value]) {
        let puts: Vec<_> = rows.iter().map(|row| json!({"PutRequest": {"Item": row}})).collect();
        let request = json!({"RequestItems": {&self.table: puts}});
        let answer = call(client, url, "BatchWriteItem", &request).await;
        assert_eq!(answer, json!({"UnprocessedItems": {}}));
    }
}

/// Serializes a record as operations store it.
pub fn row(record: &impl Record) -> Value {
    let item: serde_dynamo::Item = serde_dynamo::to_item(record).unwrap();
    let Value::Object(mut row) = serde_json::to_value(item).unwrap() else {
        panic!("a row is an object");
    };
    row.retain(|_, value| value.get("NULL").is_none());
    let key = record.key();
    row.insert("pk".to_owned(), json!({"S": key.pk}));
    row.insert("sk".to_owned(), json!({"S": key.sk}));
    if let Some(at) = record.expires_at() {
        row.insert("ttl".to_owned(), json!({"N": at.to_string()}));
    }
    Value::Object(row)
}
