//! The calls to DynamoDB that aren't transactions: reads, and single conditional writes.

use std::collections::{HashMap, HashSet};
use std::slice;

use futures_util::future::try_join_all;
use serde::de::DeserializeOwned;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    Get, KeysAndAttributes, ReturnConsumedCapacity, ReturnValue, TransactGetItem,
};

use super::expression::{Condition, Placeholders, Update};
use super::failure::failure;
use super::item::{Item, Record, from_item, key_attributes, key_of, to_item};
use super::keys::Key;
use super::meter;
use crate::error::{Error, Result};

/// The table. Reads are consistent throughout: rights and limits hang on nearly all of them, and
/// a stale yes costs more than half a capacity unit.
#[derive(Clone, Debug)]
pub struct Table {
    pub(super) client: Client,
    pub(super) name: String,
}

/// What [`Table::batch_get`] found.
#[derive(Debug, Default)]
pub struct Found(HashMap<Key, Item>);

impl Found {
    /// The item with that key, which stays.
    pub fn read<R: Record>(&self, key: &Key) -> Result<Option<R>> {
        self.0.get(key).cloned().map(from_item).transpose()
    }

    /// Takes out the item with that key.
    pub fn take<R: Record>(&mut self, key: &Key) -> Result<Option<R>> {
        self.0.remove(key).map(from_item).transpose()
    }
}

/// DynamoDB's limit for one BatchGetItem.
const MOST_KEYS: usize = 100;

/// How often unprocessed keys of a batch are asked for again before giving up.
const BATCH_ROUNDS: u32 = 4;

impl Table {
    /// A table by its name.
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// One item.
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<R>> {
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = meter::call(request.send()).await.map_err(failure)?;
        meter::read(answer.consumed_capacity.as_slice_of_one());
        answer.item.map(from_item).transpose()
    }

    /// Up to 100 items of any partitions in one round trip. A key may occur once.
    pub async fn batch_get(&self, keys: &[Key]) -> Result<Found> {
        let mut found = Found::default();
        let mut asked: Vec<Item> = keys.iter().map(key_attributes).collect();
        for _ in 0..BATCH_ROUNDS {
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(asked))
                .consistent_read(true)
                .build()
                .map_err(Error::internal)?;
            let request = self
                .client
                .batch_get_item()
                .request_items(&self.name, wanted)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = meter::call(request.send()).await.map_err(failure)?;
            meter::read(answer.consumed_capacity());
            for item in answer.responses.into_iter().flat_map(HashMap::into_values).flatten() {
                found.0.insert(key_of(&item)?, item);
            }
            asked = answer
                .unprocessed_keys
                .into_iter()
                .flat_map(HashMap::into_values)
                .flat_map(|rest| rest.keys)
                .collect();
            if asked.is_empty() {
                return Ok(found);
            }
        }
        Err(Error::Unavailable("DynamoDB left keys of a batch unprocessed".into()))
    }

    /// Any number of items of any partitions, in one round trip. A list that is read while one of its
    /// entries moves may name an item twice; it is asked for once.
    pub async fn batch_get_any(&self, keys: &[Key]) -> Result<Found> {
        let mut found = Found::default();
        let mut seen = HashSet::with_capacity(keys.len());
        let keys: Vec<_> = keys.iter().filter(|key| seen.insert(*key)).cloned().collect();
        let batches = keys.chunks(MOST_KEYS).map(|keys| self.batch_get(keys));
        for batch in try_join_all(batches).await? {
            found.0.extend(batch.0);
        }
        Ok(found)
    }

    /// Up to 100 items as they were at one moment, which [`Table::batch_get`] doesn't promise: that may
    /// see a transaction's writes to one item and not yet those to another. Twice the capacity;
    /// [`Error::Conflict`] while one of the items is being written.
    pub async fn snapshot(&self, keys: &[Key]) -> Result<Found> {
        let gets = keys.iter().map(|key| {
            let get = Get::builder().table_name(&self.name).set_key(Some(key_attributes(key)));
            let get = get.build().map_err(Error::internal)?;
            Ok(TransactGetItem::builder().get(get).build())
        });
        let request = self
            .client
            .transact_get_items()
            .set_transact_items(Some(gets.collect::<Result<_>>()?))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = meter::call(request.send()).await.map_err(|error| match error.code() {
            // Reads have no conditions: only somebody's writing cancels them.
            Some("TransactionCanceledException") => Error::Conflict,
            Some(_) | None => failure(error),
        })?;
        meter::read(answer.consumed_capacity());
        let mut found = Found::default();
        for item in answer.responses.unwrap_or_default().into_iter().filter_map(|got| got.item) {
            found.0.insert(key_of(&item)?, item);
        }
        Ok(found)
    }

    /// Changes one item and returns it as it is afterwards; `None` where the condition didn't hold.
    pub async fn update<R: DeserializeOwned>(&self, update: Update) -> Result<Option<R>> {
        let mut placeholders = Placeholders::default();
        let expression = update.render(&mut placeholders);
        let condition = update.condition.as_ref().map(|c| placeholders.condition(c));
        let request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(&update.key)))
            .update_expression(expression)
            .set_condition_expression(condition)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match meter::call(request.send()).await {
            Ok(answer) => {
                meter::written(answer.consumed_capacity.as_slice_of_one());
                answer.attributes.map(from_item).transpose()
            }
            Err(error) if is_refused_condition(&error) => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    /// Writes one whole item if the condition holds; otherwise the answer is `refusal`.
    pub async fn put<R: Record>(
        &self,
        record: &R,
        condition: Condition,
        refusal: Error,
    ) -> Result<()> {
        let mut placeholders = Placeholders::default();
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(to_item(record)?))
            .condition_expression(placeholders.condition(&condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match meter::call(request.send()).await {
            Ok(answer) => {
                meter::written(answer.consumed_capacity.as_slice_of_one());
                Ok(())
            }
            Err(error) if is_refused_condition(&error) => Err(refusal),
            Err(error) => Err(failure(error)),
        }
    }

    /// Deletes one item if the condition holds; says whether it did.
    pub async fn delete_if(&self, key: &Key, condition: &Condition) -> Result<bool> {
        let mut placeholders = Placeholders::default();
        let request = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .condition_expression(placeholders.condition(condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match meter::call(request.send()).await {
            Ok(answer) => {
                meter::written(answer.consumed_capacity.as_slice_of_one());
                Ok(true)
            }
            Err(error) if is_refused_condition(&error) => Ok(false),
            Err(error) => Err(failure(error)),
        }
    }

    /// Deletes one item, if it is there.
    pub async fn delete(&self, key: &Key) -> Result<()> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = meter::call(request.send()).await.map_err(failure)?;
        meter::written(answer.consumed_capacity.as_slice_of_one());
        Ok(())
    }
}

fn is_refused_condition<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code() == Some("ConditionalCheckFailedException")
}

/// `Option` as a slice of none or one, so that every answer's capacity is counted the same way.
pub(super) trait SliceOfOne<T> {
    fn as_slice_of_one(&self) -> &[T];
}

impl<T> SliceOfOne<T> for Option<T> {
    fn as_slice_of_one(&self) -> &[T] {
        self.as_ref().map_or(&[], slice::from_ref)
    }
}
