//! A part of one partition, and the only code that sends a query to DynamoDB.

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use crate::boxed_send::BoxedSend;
use crate::error::Error;
use crate::expression::{Condition, Placeholders, Value};
use crate::item::key_attributes;
use crate::key::Key;
use crate::meter;
use crate::sdk_error::failure;
use crate::table::Table;

/// Some of the items of one partition, in the order of their sort keys.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    /// Partition key whose items are read.
    pub pk: &'a str,
    /// The condition on the sort keys.
    pub sort_keys: SortKeyCondition<'a>,
}

/// A condition on sort keys, and the order of the items.
#[derive(Clone, Copy, Debug)]
pub enum SortKeyCondition<'a> {
    /// All sort keys, ascending.
    All,
    /// Sort keys that start with this text, ascending.
    Prefix(&'a str),
    /// Sort keys that start with this text, descending.
    PrefixDescending(&'a str),
    /// Sort keys less than this one, ascending.
    Before(&'a str),
    /// Sort keys between the two, descending. A sort key that starts with `to` and is longer is above
    /// the range.
    BetweenDescending {
        /// The least sort key.
        from: &'a str,
        /// The greatest sort key.
        to: &'a str,
    },
}

/// The parameters of one `Query` call.
pub(crate) struct QueryCall<'a> {
    pub(crate) range: Range<'a>,
    /// The key at which an earlier call stopped.
    pub(crate) after: Option<&'a Key>,
    /// The most items that DynamoDB examines.
    pub(crate) limit: usize,
    /// A condition on the items; others are examined and left out.
    pub(crate) filter: Option<&'a Condition>,
    /// Whether only the keys are returned.
    pub(crate) keys_only: bool,
}

impl<'a> QueryCall<'a> {
    /// Creates a call for whole items from the beginning of the range.
    pub(crate) fn new(range: &Range<'a>, limit: usize) -> Self {
        Self { range: *range, after: None, limit, filter: None, keys_only: false }
    }
}

impl<E> Table<E> {
    /// Sends one query. DynamoDB returns at most 1 MB, and less if the limit is reached first.
    pub(crate) async fn query(&self, call: &QueryCall<'_>) -> Result<QueryOutput, Error> {
        let mut placeholders = Placeholders::default();
        let condition = key_condition(&call.range, &mut placeholders)?;
        let projection = call.keys_only.then(|| {
            let (pk, sk) = (placeholders.name("pk"), placeholders.name("sk"));
            format!("{pk}, {sk}")
        });
        let filter = call.filter.map(|filter| placeholders.condition(filter));
        let request = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression(condition)
            .set_projection_expression(projection)
            .set_filter_expression(filter)
            .set_expression_attribute_names(placeholders.names())
            .set_expression_attribute_values(placeholders.values())
            .scan_index_forward(is_ascending(&call.range))
            .set_exclusive_start_key(call.after.map(key_attributes))
            .limit(i32::try_from(call.limit).unwrap_or(i32::MAX))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = meter::count_call(request.send_boxed()).await.map_err(failure)?;
        meter::add_read(answer.consumed_capacity.as_slice());
        Ok(answer)
    }
}

fn is_ascending(range: &Range<'_>) -> bool {
    match range.sort_keys {
        SortKeyCondition::All | SortKeyCondition::Prefix(_) | SortKeyCondition::Before(_) => true,
        SortKeyCondition::PrefixDescending(_) | SortKeyCondition::BetweenDescending { .. } => false,
    }
}

fn key_condition(range: &Range<'_>, placeholders: &mut Placeholders) -> Result<String, Error> {
    let mut value = |text: &str| Value::new(text).map(|value| placeholders.value(&value));
    let pk = value(range.pk)?;
    let (sk, partition) = ("#sk", format!("#pk = {pk}"));
    let condition = match range.sort_keys {
        SortKeyCondition::All => {
            placeholders.name("pk");
            return Ok(partition);
        }
        SortKeyCondition::Prefix(prefix) | SortKeyCondition::PrefixDescending(prefix) => {
            format!("begins_with({sk}, {})", value(prefix)?)
        }
        SortKeyCondition::Before(end) => format!("{sk} < {}", value(end)?),
        SortKeyCondition::BetweenDescending { from, to } => {
            format!("{sk} BETWEEN {} AND {}", value(from)?, value(to)?)
        }
    };
    placeholders.name("pk");
    placeholders.name("sk");
    Ok(format!("{partition} AND {condition}"))
}
