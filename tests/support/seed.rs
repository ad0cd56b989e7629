//! Many rows at once.

use dynoxide::ImportOptions;
use serde_json::{Map, Value, json};
use shared::context::Context;
use shared::dynamo::{Key, Log, Update};
use shared::error::Error;

use crate::Engine;

/// Most writes of one transaction.
const MOST_WRITES: usize = 100;

/// A row to be, of texts and numbers.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where.
    pub key: Key,
    /// What is in it.
    pub attributes: Vec<(&'static str, Value)>,
}

impl Row {
    /// As DynamoDB writes it.
    fn item(&self) -> Value {
        let Key { pk, sk } = &self.key;
        let typed = |value: &Value| match value {
            Value::Number(number) => json!({"N": number.to_string()}),
            other => json!({"S": other}),
        };
        let keys = [("pk", json!({"S": pk})), ("sk", json!({"S": sk}))];
        let attributes = self.attributes.iter().map(|(name, value)| (*name, typed(value)));
        let all = keys.into_iter().chain(attributes);
        Value::Object(all.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
    }
}

impl Engine {
    /// Puts rows into the table. The embedded engine reads its whole stream at each write, so there they
    /// come past it.
    pub async fn seed(&self, ctx: &Context, rows: &[Row]) {
        if let Some(database) = &self.embedded {
            let items = rows.iter().map(|row| serde_json::from_value(row.item()).unwrap());
            let table = &ctx.config.table_name;
            database.import_items(table, items.collect(), ImportOptions::default()).unwrap();
            return;
        }
        for rows in rows.chunks(MOST_WRITES) {
            let mut tx = ctx.table.transaction();
            for row in rows {
                let set = |update: Update, (name, value): &(&'static str, Value)| {
                    update.set(name, value).unwrap()
                };
                let update = row.attributes.iter().fold(Update::of(row.key.clone()), set);
                tx.update(update, Error::Conflict).unwrap();
            }
            tx.commit(Log::Nothing("a test's own doing")).await.unwrap();
        }
    }
}
