//! Many rows at once: faster than operations write them, and past the table's stream.

use dynoxide::ImportOptions;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use shared::dynamo::Record;

use crate::way::{Way, call};
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

impl World {
    /// A stack as it is deployed by default, whose table can be filled with many rows.
    pub async fn start_for_many_rows() -> (Self, Bulk) {
        let world = Self::start().await;
        let table = world.stack().context().config.table_name.clone();
        let bulk = Bulk { way: world.books.way().clone(), table };
        (world, bulk)
    }
}

impl Engine {
    /// A way into the table of that name, past the faults.
    pub fn bulk(&self, table: &str) -> Bulk {
        Bulk { way: Way::of(self), table: table.to_owned() }
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
        let request = json!({"RequestItems": {&self.table: puts}});
        let answer = call(client, url, "BatchWriteItem", &request).await;
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
    if let Some(at) = record.expires_at() {
        row.insert("ttl".to_owned(), json!({"N": at.to_string()}));
    }
    Value::Object(row)
}
