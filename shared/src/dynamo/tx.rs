//! One change, one transaction: everything that an operation changes is put into a [`Tx`], and
//! happens as a whole or not at all. It can't be committed without saying what goes into the
//! activity log.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity, TransactWriteItem,
    Update as SdkUpdate,
};

use super::expression::{Condition, Placeholders, Update};
use super::failure::failure;
use super::item::{Record, key_attributes, to_item};
use super::keys::Key;
use super::meter;
use super::table::Table;
use crate::activity::AuditEvent;
use crate::error::{Error, Result};

/// DynamoDB's limit for one transaction.
const MOST_ITEMS: usize = 100;

/// Writes that belong together. Each carries the error that its condition stands for.
#[must_use = "nothing is written before commit"]
pub struct Tx<'t> {
    table: &'t Table,
    writes: Vec<Write>,
}

struct Write {
    item: TransactWriteItem,
    refusal: Error,
}

/// What a change leaves in the activity log.
pub enum Log {
    /// These entries.
    Entries(Vec<AuditEvent>),
    /// Nothing, for the reason given: a change that nobody would look for.
    Nothing(&'static str),
}

impl From<AuditEvent> for Log {
    fn from(entry: AuditEvent) -> Self {
        Self::Entries(vec![entry])
    }
}

impl Table {
    /// An empty transaction.
    pub fn transaction(&self) -> Tx<'_> {
        Tx { table: self, writes: Vec::new() }
    }
}

impl Tx<'_> {
    /// Writes a whole item if the condition holds; otherwise the transaction ends in `refusal`.
    pub fn put<R: Record>(
        &mut self,
        record: &R,
        condition: Condition,
        refusal: Error,
    ) -> Result<()> {
        let mut placeholders = Placeholders::default();
        let put = Put::builder()
            .table_name(&self.table.name)
            .set_item(Some(to_item(record)?))
            .condition_expression(placeholders.condition(&condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .build()
            .map_err(Error::internal)?;
        self.push(TransactWriteItem::builder().put(put).build(), refusal);
        Ok(())
    }

    /// Writes an item whose key nobody else can have made (a new random id).
    pub fn put_new<R: Record>(&mut self, record: &R) -> Result<()> {
        self.put(record, Condition::Absent, Error::internal("a random id was there already"))
    }

    /// Changes an item if the update's condition holds; otherwise ends in `refusal`.
    pub fn update(&mut self, update: Update, refusal: Error) -> Result<()> {
        let mut placeholders = Placeholders::default();
        let expression = update.render(&mut placeholders);
        let condition = update.condition.as_ref().map(|c| placeholders.condition(c));
        let update = SdkUpdate::builder()
            .table_name(&self.table.name)
            .set_key(Some(key_attributes(&update.key)))
            .update_expression(expression)
            .set_condition_expression(condition)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .build()
            .map_err(Error::internal)?;
        self.push(TransactWriteItem::builder().update(update).build(), refusal);
        Ok(())
    }

    /// Deletes an item if the condition holds; otherwise ends in `refusal`. Without a condition an
    /// item that isn't there counts as deleted.
    pub fn delete(
        &mut self,
        key: &Key,
        condition: Option<Condition>,
        refusal: Error,
    ) -> Result<()> {
        let mut placeholders = Placeholders::default();
        let condition = condition.as_ref().map(|c| placeholders.condition(c));
        let delete = Delete::builder()
            .table_name(&self.table.name)
            .set_key(Some(key_attributes(key)))
            .set_condition_expression(condition)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .build()
            .map_err(Error::internal)?;
        self.push(TransactWriteItem::builder().delete(delete).build(), refusal);
        Ok(())
    }

    /// Changes nothing, but ends in `refusal` unless the condition holds at the moment of the
    /// commit.
    pub fn check(&mut self, key: &Key, condition: &Condition, refusal: Error) -> Result<()> {
        let mut placeholders = Placeholders::default();
        let check = ConditionCheck::builder()
            .table_name(&self.table.name)
            .set_key(Some(key_attributes(key)))
            .condition_expression(placeholders.condition(condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .build()
            .map_err(Error::internal)?;
        self.push(TransactWriteItem::builder().condition_check(check).build(), refusal);
        Ok(())
    }

    /// Commits all of it together with the activity entries. Where a condition didn't hold, nothing
    /// is written and the answer is that write's refusal; where another transaction touched the
    /// same items, or DynamoDB throttles one, [`Error::Conflict`].
    ///
    /// The SDK sends a client request token: its own retries of a commit whose answer was lost
    /// don't commit twice.
    pub async fn commit(mut self, log: impl Into<Log>) -> Result<()> {
        match log.into() {
            Log::Entries(entries) => entries.iter().try_for_each(|entry| self.put_new(entry))?,
            Log::Nothing(_reason) => {}
        }
        if self.writes.len() > MOST_ITEMS {
            return Err(Error::internal("more than 100 writes in one transaction"));
        }
        let (items, mut refusals): (Vec<_>, Vec<_>) =
            self.writes.into_iter().map(|write| (write.item, write.refusal)).unzip();
        let request = self
            .table
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match meter::call(request.send()).await {
            Ok(answer) => {
                meter::written(answer.consumed_capacity());
                Ok(())
            }
            Err(error) => match reasons(&error) {
                Some(reasons) => Err(refusal(&reasons, &mut refusals)),
                None => Err(failure(error)),
            },
        }
    }

    fn push(&mut self, item: TransactWriteItem, refusal: Error) {
        self.writes.push(Write { item, refusal });
    }
}

fn reasons(error: &SdkError<TransactWriteItemsError>) -> Option<Vec<CancellationReason>> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            Some(cancelled.cancellation_reasons().to_vec())
        }
        Some(_) | None => None,
    }
}

/// The error that a cancelled transaction stands for: the first write whose condition didn't hold
/// names it.
fn refusal(reasons: &[CancellationReason], refusals: &mut Vec<Error>) -> Error {
    let position = |code: &str| reasons.iter().position(|reason| reason.code() == Some(code));
    if let Some(at) = position("ConditionalCheckFailed").filter(|at| *at < refusals.len()) {
        return refusals.swap_remove(at);
    }
    // The SDK tries throttled calls again by itself, but not what was throttled within a transaction.
    let passing = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    if passing.into_iter().any(|code| position(code).is_some()) {
        return Error::Conflict;
    }
    let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
    Error::internal(format!("DynamoDB cancelled a transaction: {}", codes.join(", ")))
}
