//! Many rows at once: faster than operations write them, and past the table's stream.

use dynoxide::{Database, ImportOptions};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use shared::dynamo::Record;
use tokio::net::TcpListener;

use crate::world::dynamodb_local_url;
use crate::{Engine, World};

/// DynamoDB's limit for one BatchWriteItem.
const BATCH: usize = 25;

/// Batches that are written side by side.
const AT_ONCE: usize = 8;

/// A way into a world's table.
pub struct Bulk {
    way: Way,
    table: String,
}

enum Way {
    Embedded(Database),
    DynamoDbLocal(String),
}

impl World {
    /// A stack as it is deployed by default, whose table can be filled with many rows.
    pub async fn start_for_many_rows() -> (Self, Bulk) {
        let (way, url) = match dynamodb_local_url() {
            Some(url) => (Way::DynamoDbLocal(url.clone()), url),
            None => {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let url = format!("http://{}", listener.local_addr().unwrap());
                let database = Database::memory().unwrap();
                tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));
                (Way::Embedded(database), url)
            }
        };
        let world = Self::start_on(url).await;
        let table = world.stack().context().config.table_name.clone();
        (world, Bulk { way, table })
    }
}

impl Engine {
    /// A way into the table of that name, past the faults.
    pub fn bulk(&self, table: &str) -> Bulk {
        let way = match &self.embedded {
            Some(database) => Way::Embedded(database.clone()),
            None => Way::DynamoDbLocal(self.target().to_owned()),
        };
        Bulk { way, table: table.to_owned() }
    }
}

impl Bulk {
    /// Whether it is DynamoDB Local, which takes a minute for 100,000 rows.
    pub fn is_slow(&self) -> bool {
        matches!(self.way, Way::DynamoDbLocal(_))
    }

    /// Writes the rows, as [`row`] makes them.
    pub async fn put(&self, rows: Vec<Value>) {
        match &self.way {
            Way::Embedded(database) => {
                let rows = rows.into_iter().map(|row| serde_json::from_value(row).unwrap());
                let (rows, options) = (rows.collect(), ImportOptions::default());
                database.import_items(&self.table, rows, options).unwrap();
            }
            Way::DynamoDbLocal(url) => {
                let client = reqwest::Client::new();
                let batches = rows.chunks(BATCH).map(|rows| self.batch(&client, url, rows));
                stream::iter(batches).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
            }
        }
    }

    async fn batch(&self, client: &reqwest::Client, url: &str, rows: &[Value]) {
        let puts: Vec<_> = rows.iter().map(|row| json!({"PutRequest": {"Item": row}})).collect();
        let request = client
            .post(url)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", "DynamoDB_20120810.BatchWriteItem")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 \
                 Credential=local/20250101/us-east-1/dynamodb/aws4_request, \
                 SignedHeaders=host, Signature=0",
            )
            .body(json!({"RequestItems": {&self.table: puts}}).to_string());
        let answer = request.send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer, json!({"UnprocessedItems": {}}));
    }
}

/// A record as the row that operations write.
pub fn row(record: &impl Record) -> Value {
    let item: serde_dynamo::Item = serde_dynamo::to_item(record).unwrap();
    let Value::Object(mut row) = serde_json::to_value(item).unwrap() else {
        panic!("a row is an object");
    };
    row.retain(|_, value| value.get("NULL").is_none());
    let key = record.key();
    row.insert("pk".to_owned(), json!({"S": key.pk}));
    row.insert("sk".to_owned(), json!({"S": key.sk}));
    if let Some(at) = record.disappears_at() {
        row.insert("ttl".to_owned(), json!({"N": at.to_string()}));
    }
    Value::Object(row)
}
