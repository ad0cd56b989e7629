//! A part of one partition, and the one place that asks DynamoDB for it.

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use super::expression::{Condition, Placeholders, Value};
use super::failure::failure;
use super::item::key_attributes;
use super::keys::Key;
use super::meter;
use super::table::{SliceOfOne, Table};
use crate::error::Result;

/// Some of the items of one partition, in order.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    /// Partition key.
    pub pk: &'a str,
    /// Which sort keys.
    pub which: Which<'a>,
}

/// Which sort keys, and in which order.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    /// Every one, ascending.
    All,
    /// Those that start so, ascending.
    StartingWith(&'a str),
    /// Those that start so, descending.
    StartingWithDescending(&'a str),
    /// Those before that one, ascending.
    Before(&'a str),
    /// Those between the two, descending. Sort keys that start with `to` and are longer are above it.
    Descending {
        /// The least.
        from: &'a str,
        /// The greatest.
        to: &'a str,
    },
}

/// One call for items of a range.
pub(super) struct Call<'a> {
    pub(super) range: Range<'a>,
    /// Where an earlier call stopped.
    pub(super) after: Option<&'a Key>,
    /// Most items that are looked at.
    pub(super) limit: usize,
    /// What items have to be like; others are looked at and left out.
    pub(super) filter: Option<&'a Condition>,
    /// Whether the keys are all that is wanted.
    pub(super) keys_only: bool,
}

impl<'a> Call<'a> {
    /// A call for whole items from the beginning.
    pub(super) fn of(range: &Range<'a>, limit: usize) -> Self {
        Self { range: *range, after: None, limit, filter: None, keys_only: false }
    }
}

impl Table {
    /// Makes the call: at most a megabyte, and less where the limit is reached before.
    pub(super) async fn query(&self, call: &Call<'_>) -> Result<QueryOutput> {
        let mut placeholders = Placeholders::default();
        let condition = condition(&call.range, &mut placeholders)?;
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
        let answer = meter::call(request.send()).await.map_err(failure)?;
        meter::read(answer.consumed_capacity.as_slice_of_one());
        Ok(answer)
    }
}

fn is_ascending(range: &Range<'_>) -> bool {
    match range.which {
        Which::All | Which::StartingWith(_) | Which::Before(_) => true,
        Which::StartingWithDescending(_) | Which::Descending { .. } => false,
    }
}

fn condition(range: &Range<'_>, placeholders: &mut Placeholders) -> Result<String> {
    let mut value = |text: &str| Value::of(text).map(|value| placeholders.value(&value));
    let pk = value(range.pk)?;
    let (sk, partition) = ("#sk", format!("#pk = {pk}"));
    let condition = match range.which {
        Which::All => {
            placeholders.name("pk");
            return Ok(partition);
        }
        Which::StartingWith(start) | Which::StartingWithDescending(start) => {
            format!("begins_with({sk}, {})", value(start)?)
        }
        Which::Before(end) => format!("{sk} < {}", value(end)?),
        Which::Descending { from, to } => {
            format!("{sk} BETWEEN {} AND {}", value(from)?, value(to)?)
        }
    };
    placeholders.name("pk");
    placeholders.name("sk");
    Ok(format!("{partition} AND {condition}"))
}
