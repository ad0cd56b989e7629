//! Between our types and the table's items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keys::Key;
use crate::clock::Timestamp;
use crate::error::{Error, Result};

/// An item as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// A type that is stored as one item.
pub trait Record: Serialize + DeserializeOwned {
    /// Where it lives.
    fn key(&self) -> Key;

    /// When DynamoDB may delete it (TTL; days late at times, so expiry is always checked as well).
    fn disappears_at(&self) -> Option<Timestamp> {
        None
    }
}

pub(super) fn key_attributes(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

pub(super) fn key_of(item: &Item) -> Result<Key> {
    let text = |name: &str| match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        _ => Err(Error::internal(format!("an item without {name}"))),
    };
    Ok(Key { pk: text("pk")?, sk: text("sk")? })
}

pub(super) fn to_item<R: Record>(record: &R) -> Result<Item> {
    let mut item: Item = serde_dynamo::to_item(record).map_err(Error::internal)?;
    // Absent and null mean the same to us; absent is what conditions can ask for.
    item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
    item.extend(key_attributes(&record.key()));
    if let Some(at) = record.disappears_at() {
        item.insert("ttl".to_owned(), AttributeValue::N(at.to_string()));
    }
    Ok(item)
}

pub(super) fn from_item<R: DeserializeOwned>(item: Item) -> Result<R> {
    serde_dynamo::from_item(item).map_err(Error::unreadable)
}

/// A value for a condition or an update.
pub(super) fn to_value<V: Serialize>(value: V) -> Result<AttributeValue> {
    serde_dynamo::to_attribute_value(value).map_err(Error::internal)
}
