//! Transactions. An operation puts all its writes into one [`Tx`], which takes effect as a whole or not
//! at all. A transaction cannot be committed without its activity-log entries.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity, TransactWriteItem,
    Update as SdkUpdate,
};

use crate::attempt_error::AttemptError;
use crate::audit::{AuditEntry, Log};
use crate::boxed_send::BoxedSend;
use crate::error::Error;
use crate::expression::{Condition, Placeholders, Update};
use crate::item::{Record, key_attributes, to_item};
use crate::key::Key;
use crate::meter;
use crate::sdk_error::write_failure;
use crate::table::Table;

/// DynamoDB's limit for one transaction.
const MAX_TRANSACTION_ITEMS: usize = 100;

/// Writes that take effect together. Each has the refusal that is returned if its condition fails:
/// [`AttemptError::Conflict`] where the operation should read again and decide anew, or a final error.
#[must_use = "nothing is written before commit"]
pub struct Tx<'t, E> {
    table: &'t Table<E>,
    writes: Vec<Write<E>>,
}

struct Write<E> {
    item: TransactWriteItem,
    refusal: AttemptError<E>,
}

impl<E: From<Error>> Table<E> {
    /// Starts an empty transaction.
    pub fn transaction(&self) -> Tx<'_, E> {
        Tx { table: self, writes: Vec::new() }
    }
}

impl<E: From<Error>> Tx<'_, E> {
    /// Adds the write of a whole item. The transaction fails with `refusal` unless the condition holds.
    ///
    /// # Errors
    /// [`Error::Internal`] if the item cannot be serialized.
    pub fn put<R: Record>(
        &mut self,
        record: &R,
        condition: Condition,
        refusal: impl Into<AttemptError<E>>,
    ) -> Result<(), E> {
        let mut placeholders = Placeholders::default();
        let put = Put::builder()
            .table_name(&self.table.name)
            .set_item(Some(to_item(record)?))
            .condition_expression(placeholders.condition(&condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .build()
            .map_err(Error::internal)?;
        self.push(TransactWriteItem::builder().put(put).build(), refusal.into());
        Ok(())
    }

    /// Adds the write of an item whose key contains a new random id.
    ///
    /// # Errors
    /// [`Error::Internal`] if the item cannot be serialized.
    pub fn put_new<R: Record>(&mut self, record: &R) -> Result<(), E> {
        let refusal = Error::internal("a random id was there already");
        self.put(record, Condition::Absent, refusal)
    }

    /// Adds the update of an item. The transaction fails with `refusal` unless the update's condition holds.
    ///
    /// # Errors
    /// [`Error::Internal`] if the update is incomplete.
    pub fn update(&mut self, update: Update, refusal: impl Into<AttemptError<E>>) -> Result<(), E> {
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
        self.push(TransactWriteItem::builder().update(update).build(), refusal.into());
        Ok(())
    }

    /// Adds the deletion of an item. The transaction fails with `refusal` unless the condition holds.
    /// Without a condition, deleting an item that does not exist succeeds.
    ///
    /// # Errors
    /// [`Error::Internal`] if the deletion is incomplete.
    pub fn delete(
        &mut self,
        key: &Key,
        condition: Option<Condition>,
        refusal: impl Into<AttemptError<E>>,
    ) -> Result<(), E> {
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
        self.push(TransactWriteItem::builder().delete(delete).build(), refusal.into());
        Ok(())
    }

    /// Adds a condition check of an item that is not changed. The transaction fails with `refusal` unless
    /// the condition holds at the moment of the commit.
    ///
    /// # Errors
    /// [`Error::Internal`] if the check is incomplete.
    pub fn check(
        &mut self,
        key: &Key,
        condition: &Condition,
        refusal: impl Into<AttemptError<E>>,
    ) -> Result<(), E> {
        let mut placeholders = Placeholders::default();
        let check = ConditionCheck::builder()
            .table_name(&self.table.name)
            .set_key(Some(key_attributes(key)))
            .condition_expression(placeholders.condition(condition))
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .build()
            .map_err(Error::internal)?;
        self.push(TransactWriteItem::builder().condition_check(check).build(), refusal.into());
        Ok(())
    }

    /// Commits all writes together with the activity-log entries, at most 100 items in total. An item may
    /// occur once in a transaction.
    ///
    /// The SDK sends a client request token, so that its retry of a commit whose answer was lost does not
    /// commit twice.
    ///
    /// # Errors
    /// Nothing is written if the commit fails.
    /// - The refusal of the first write whose condition does not hold.
    /// - [`AttemptError::Conflict`] if another transaction touches the same items, or DynamoDB throttles one.
    /// - [`Error::Internal`] for more than 100 items.
    /// - [`Error::Unavailable`] if DynamoDB does not answer.
    pub async fn commit<A: AuditEntry>(
        mut self,
        log: impl Into<Log<A>>,
    ) -> Result<(), AttemptError<E>> {
        match log.into() {
            Log::Entries(entries) => entries
                .iter()
                .try_for_each(|entry| self.put_new(entry))
                .map_err(AttemptError::Final)?,
            Log::Nothing(_reason) => {}
        }
        if self.writes.len() > MAX_TRANSACTION_ITEMS {
            let cause = "more than 100 writes in one transaction";
            return Err(Error::internal(cause).into());
        }
        let (items, mut refusals): (Vec<_>, Vec<_>) =
            self.writes.into_iter().map(|write| (write.item, write.refusal)).unzip();
        let request = self
            .table
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match meter::count_call(request.send_boxed()).await {
            Ok(answer) => {
                meter::add_written(answer.consumed_capacity());
                Ok(())
            }
            Err(error) => match reasons(&error) {
                Some(reasons) => Err(refusal(&reasons, &mut refusals)),
                None => Err(write_failure(error)),
            },
        }
    }

    fn push(&mut self, item: TransactWriteItem, refusal: AttemptError<E>) {
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

/// Finds the error for a cancelled transaction: the refusal of the first write whose condition failed.
fn refusal<E: From<Error>>(
    reasons: &[CancellationReason],
    refusals: &mut Vec<AttemptError<E>>,
) -> AttemptError<E> {
    let position = |code: &str| reasons.iter().position(|reason| reason.code() == Some(code));
    if let Some(at) = position("ConditionalCheckFailed").filter(|at| *at < refusals.len()) {
        return refusals.swap_remove(at);
    }
    // The SDK retries a throttled call, but not a transaction in which one item was throttled.
    let transient = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    if transient.into_iter().any(|code| position(code).is_some()) {
        return AttemptError::Conflict;
    }
    let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
    let cause = format!("DynamoDB cancelled a transaction: {}", codes.join(", "));
    Error::internal(cause).into()
}
