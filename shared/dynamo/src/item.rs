//! Conversion between the application's types and DynamoDB items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::key::Key;

/// An item as the SDK represents it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A type that is stored as one item.
pub trait Record: Serialize + DeserializeOwned {
    /// Returns the item's primary key.
    fn key(&self) -> Key;

    /// Returns the Unix time in seconds from which DynamoDB may delete the item (its TTL).
    ///
    /// DynamoDB deletes up to some days late, so a reader must check the expiry as well.
    fn expires_at(&self) -> Option<i64> {
        None
    }
}

pub(crate) fn key_attributes(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

pub(crate) fn key_of(item: &Item) -> Result<Key, Error> {
    let text = |name: &str| match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        _ => Err(Error::internal(format!("an item without {name}"))),
    };
    Ok(Key { pk: text("pk")?, sk: text("sk")? })
}

pub(crate) fn to_item<R: Record>(record: &R) -> Result<Item, Error> {
    let mut item: Item = serde_dynamo::to_item(record).map_err(Error::internal)?;
    // Absent and null mean the same here, and only absence can be tested in a condition.
    item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
    item.extend(key_attributes(&record.key()));
    if let Some(at) = record.expires_at() {
        item.insert("ttl".to_owned(), AttributeValue::N(at.to_string()));
    }
    Ok(item)
}

pub(crate) fn from_item<R: DeserializeOwned>(item: Item) -> Result<R, Error> {
    serde_dynamo::from_item(item)
        .map_err(|error: serde_dynamo::Error| Error::Undecodable(error.to_string()))
}

/// Converts a value for a condition or an update.
pub(crate) fn to_value<V: Serialize>(value: V) -> Result<AttributeValue, Error> {
    serde_dynamo::to_attribute_value(value).map_err(Error::internal)
}
