//! Reads, and writes of single items.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::marker::PhantomData;

use futures_util::future::try_join_all;
use serde::de::DeserializeOwned;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    Get, KeysAndAttributes, ReturnConsumedCapacity, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TransactGetItem,
};

use crate::attempt_error::AttemptError;
use crate::boxed_send::BoxedSend;
use crate::error::Error;
use crate::expression::{Condition, Placeholders, Update};
use crate::item::{Item, Record, from_item, key_attributes, key_of, to_item};
use crate::key::Key;
use crate::meter;
use crate::sdk_error::{failure, write_failure};

/// The table. `E` is the application's error type.
///
/// All reads are strongly consistent: rights and limits depend on nearly all of them, and a stale answer
/// costs more than the half capacity unit that it would save.
pub struct Table<E> {
    pub(crate) client: Client,
    pub(crate) name: String,
    error: PhantomData<fn() -> E>,
}

impl<E> Clone for Table<E> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), name: self.name.clone(), error: PhantomData }
    }
}

impl<E> fmt::Debug for Table<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Table({})", self.name)
    }
}

/// The items that a batch read found, by their keys.
#[derive(Debug, Default)]
pub struct BatchResult(HashMap<Key, Item>);

impl BatchResult {
    /// Reads the item with that key; `None` if it was not found.
    ///
    /// # Errors
    /// [`Error::Undecodable`] if the item is not an `R`.
    pub fn read<R: Record>(&self, key: &Key) -> Result<Option<R>, Error> {
        self.0.get(key).cloned().map(from_item).transpose()
    }

    /// Removes and returns the item with that key; `None` if it was not found.
    ///
    /// # Errors
    /// [`Error::Undecodable`] if the item is not an `R`.
    pub fn take<R: Record>(&mut self, key: &Key) -> Result<Option<R>, Error> {
        self.0.remove(key).map(from_item).transpose()
    }

    /// Moves the items with these keys to another result. Those whose key is in `kept` are copied.
    #[must_use]
    pub fn split_off(&mut self, keys: &[Key], kept: &[Key]) -> Self {
        let mut others = Self::default();
        for key in keys {
            let item = match kept.contains(key) {
                true => self.0.get(key).cloned(),
                false => self.0.remove(key),
            };
            if let Some(item) = item {
                others.0.insert(key.clone(), item);
            }
        }
        others
    }
}

/// DynamoDB's limit for one `BatchGetItem`.
const MAX_BATCH_KEYS: usize = 100;

/// How often a batch is sent while DynamoDB leaves some of it unprocessed.
const MAX_BATCH_ATTEMPTS: u32 = 4;

impl<E: From<Error>> Table<E> {
    /// Makes a table of a client and the table's name.
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name, error: PhantomData }
    }

    /// Opens a connection to DynamoDB by reading an item that need not exist. A failure is not reported, because the
    /// next call opens a connection itself.
    pub async fn open_connection(&self, key: &Key) {
        let request = self.client.get_item().table_name(&self.name);
        let request = request.set_key(Some(key_attributes(key)));
        let _ = request.send_boxed().await;
    }

    /// Reads one item; `None` if it does not exist.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn get<R: Record>(&self, key: &Key) -> Result<Option<R>, E> {
        let request = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = meter::count_call(request.send_boxed()).await.map_err(failure)?;
        meter::add_read(answer.consumed_capacity.as_slice());
        Ok(answer.item.map(from_item).transpose()?)
    }

    /// Reads up to 100 items of any partitions in one round trip. Each key must occur once.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn batch_get(&self, keys: &[Key]) -> Result<BatchResult, E> {
        let mut found = BatchResult::default();
        let mut asked: Vec<Item> = keys.iter().map(key_attributes).collect();
        for _ in 0..MAX_BATCH_ATTEMPTS {
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
            let answer = meter::count_call(request.send_boxed()).await.map_err(failure)?;
            meter::add_read(answer.consumed_capacity());
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
        Err(Error::unavailable("DynamoDB left keys of a batch unprocessed").into())
    }

    /// Reads any number of items of any partitions in one round trip.
    ///
    /// A key may occur twice and is then read once: a list that is read while one of its entries moves
    /// may name an item twice.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn batch_get_any(&self, keys: &[Key]) -> Result<BatchResult, E> {
        let mut found = BatchResult::default();
        let mut seen = HashSet::with_capacity(keys.len());
        let keys: Vec<_> = keys.iter().filter(|key| seen.insert(*key)).cloned().collect();
        let batches = keys.chunks(MAX_BATCH_KEYS).map(|keys| self.batch_get(keys));
        for batch in try_join_all(batches).await? {
            found.0.extend(batch.0);
        }
        Ok(found)
    }

    /// Reads the items of `keys` that `found` lacks, in one round trip, and adds them to it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn batch_get_missing(&self, found: &mut BatchResult, keys: &[Key]) -> Result<(), E> {
        let missing = keys.iter().filter(|key| !found.0.contains_key(*key)).cloned();
        let missing: Vec<_> = missing.collect();
        found.0.extend(self.batch_get_any(&missing).await?.0);
        Ok(())
    }

    /// Reads up to 100 items as they were at one moment, at twice the capacity.
    ///
    /// [`Table::batch_get`] does not promise that: it may see a transaction's write to one item and not
    /// yet its write to another.
    ///
    /// # Errors
    /// - [`AttemptError::Conflict`] if one of the items is being written.
    /// - [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn snapshot(&self, keys: &[Key]) -> Result<BatchResult, AttemptError<E>> {
        let gets = keys.iter().map(|key| {
            let get = Get::builder().table_name(&self.name).set_key(Some(key_attributes(key)));
            let get = get.build().map_err(Error::internal)?;
            Ok(TransactGetItem::builder().get(get).build())
        });
        let request = self
            .client
            .transact_get_items()
            .set_transact_items(Some(gets.collect::<Result<_, Error>>()?))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer =
            meter::count_call(request.send_boxed()).await.map_err(|error| match error.code() {
                // Reads have no conditions: only a concurrent write cancels them.
                Some("TransactionCanceledException") => AttemptError::Conflict,
                Some(_) | None => write_failure(error),
            })?;
        meter::add_read(answer.consumed_capacity());
        let mut found = BatchResult::default();
        for item in answer.responses.unwrap_or_default().into_iter().filter_map(|got| got.item) {
            found.0.insert(key_of(&item)?, item);
        }
        Ok(found)
    }

    /// Changes one item and returns its new state; `None` if the condition does not hold.
    ///
    /// # Errors
    /// - [`AttemptError::Conflict`] if a transaction is changing the item.
    /// - [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn update<R: DeserializeOwned>(
        &self,
        update: Update,
    ) -> Result<Option<R>, AttemptError<E>> {
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
        match meter::count_call(request.send_boxed()).await {
            Ok(answer) => {
                meter::add_written(answer.consumed_capacity.as_slice());
                Ok(answer.attributes.map(from_item).transpose()?)
            }
            Err(error) if is_refused_condition(&error) => Ok(None),
            Err(error) => Err(write_failure(error)),
        }
    }

    /// Writes one whole item if the condition holds. Returns whether it did.
    ///
    /// # Errors
    /// - [`AttemptError::Conflict`] if a transaction is changing the item.
    /// - [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn put<R: Record>(
        &self,
        record: &R,
        condition: Condition,
    ) -> Result<bool, AttemptError<E>> {
        let request = self.put_request(record, &condition)?;
        match meter::count_call(request.send_boxed()).await {
            Ok(answer) => {
                meter::add_written(answer.consumed_capacity.as_slice());
                Ok(true)
            }
            Err(error) if is_refused_condition(&error) => Ok(false),
            Err(error) => Err(write_failure(error)),
        }
    }

    /// Writes one whole item if the condition holds. Returns the item that is stored instead if it does not; `None`
    /// after a write.
    ///
    /// # Errors
    /// - [`AttemptError::Conflict`] if a transaction is changing the item.
    /// - [`Error::Undecodable`] if the stored item is not an `R`.
    /// - [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn put_or_current<R: Record>(
        &self,
        record: &R,
        condition: Condition,
    ) -> Result<Option<R>, AttemptError<E>> {
        let request = self
            .put_request(record, &condition)?
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match meter::count_call(request.send_boxed()).await {
            Ok(answer) => {
                meter::add_written(answer.consumed_capacity.as_slice());
                return Ok(None);
            }
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                let item = refused.item().cloned();
                let item =
                    item.ok_or_else(|| Error::internal("a refused write without its item"))?;
                Ok(Some(from_item(item)?))
            }
            Some(_) | None => Err(write_failure(error)),
        }
    }

    fn put_request<R: Record>(
        &self,
        record: &R,
        condition: &Condition,
    ) -> Result<PutItemFluentBuilder, Error> {
        let mut placeholders = Placeholders::default();
        Ok(self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(to_item(record)?))
            .condition_expression(placeholders.condition(condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .return_consumed_capacity(ReturnConsumedCapacity::Total))
    }

    /// Deletes one item if the condition holds. Returns whether it did.
    ///
    /// # Errors
    /// - [`AttemptError::Conflict`] if a transaction is changing the item.
    /// - [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn delete_if(
        &self,
        key: &Key,
        condition: &Condition,
    ) -> Result<bool, AttemptError<E>> {
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
        match meter::count_call(request.send_boxed()).await {
            Ok(answer) => {
                meter::add_written(answer.consumed_capacity.as_slice());
                Ok(true)
            }
            Err(error) if is_refused_condition(&error) => Ok(false),
            Err(error) => Err(write_failure(error)),
        }
    }

    /// Deletes one item, if it exists.
    ///
    /// # Errors
    /// - [`AttemptError::Conflict`] if a transaction is changing the item.
    /// - [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn delete(&self, key: &Key) -> Result<(), AttemptError<E>> {
        let request = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(key_attributes(key)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = meter::count_call(request.send_boxed()).await.map_err(write_failure)?;
        meter::add_written(answer.consumed_capacity.as_slice());
        Ok(())
    }
}

fn is_refused_condition<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code() == Some("ConditionalCheckFailedException")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_off_copies_kept_items_and_moves_the_others() {
        let [moved, kept, other, absent] = ["a", "b", "c", "d"].map(|pk| Key::new(pk, "META"));
        let items = [&moved, &kept, &other].map(|key| (key.clone(), key_attributes(key)));
        let mut found = BatchResult(HashMap::from(items));
        let keys = [moved.clone(), kept.clone(), absent];
        let split = found.split_off(&keys, std::slice::from_ref(&kept));
        let keys_of = |result: &BatchResult| result.0.keys().cloned().collect::<HashSet<_>>();
        assert_eq!(keys_of(&split), HashSet::from([moved, kept.clone()]));
        assert_eq!(keys_of(&found), HashSet::from([kept, other]));
    }
}
