//! The change of an item into another one, which never overwrites a concurrent change.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use shared::error::{Error, Result};

use crate::item::Item;

/// The attribute that counts the changes of an item, where a type has one.
const VERSION: &str = "version";

/// An update of the attributes in which two items differ, on condition that they are as they were read.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ItemUpdate {
    update: String,
    condition: String,
    names: Vec<(String, String)>,
    values: Vec<(String, AttributeValue)>,
}

impl ItemUpdate {
    /// Compares the items; `None` if they are equal. An item with a version gets the next one, so that a change
    /// that was decided on the former shape is retried.
    pub(crate) fn between(before: &Item, after: &Item) -> Option<Self> {
        let attributes: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let mut changed: Vec<_> = attributes
            .into_iter()
            .filter(|name| !matches!(name.as_str(), "pk" | "sk" | VERSION))
            .filter(|name| before.get(*name) != after.get(*name))
            .collect();
        if changed.is_empty() {
            return None;
        }
        let version = VERSION.to_owned();
        let next = before.get(VERSION).map(next_version);
        if next.is_some() {
            changed.push(&version);
        }
        let mut this = Self { condition: "attribute_exists(pk)".to_owned(), ..Self::default() };
        let (mut set, mut remove) = (Vec::new(), Vec::new());
        for (number, name) in changed.into_iter().enumerate() {
            this.names.push((format!("#a{number}"), name.clone()));
            match before.get(name) {
                Some(old) => {
                    this.values.push((format!(":o{number}"), old.clone()));
                    this.condition.push_str(&format!(" AND #a{number} = :o{number}"));
                }
                None => this.condition.push_str(&format!(" AND attribute_not_exists(#a{number})")),
            }
            let new = if *name == version { next.as_ref() } else { after.get(name) };
            match new {
                Some(new) => {
                    this.values.push((format!(":n{number}"), new.clone()));
                    set.push(format!("#a{number} = :n{number}"));
                }
                None => remove.push(format!("#a{number}")),
            }
        }
        let clause = |word: &str, list: &[String]| match list {
            [] => String::new(),
            list => format!("{word} {}", list.join(", ")),
        };
        let clauses = format!("{} {}", clause("SET", &set), clause("REMOVE", &remove));
        this.update = clauses.trim().to_owned();
        Some(this)
    }

    /// Writes the update. Returns the consumed write units, or `None` if the item has changed meanwhile.
    ///
    /// # Errors
    /// `Unavailable` if DynamoDB fails, `Internal` if the item has no key.
    pub(crate) async fn write(
        self,
        client: &Client,
        table: &str,
        before: &Item,
    ) -> Result<Option<f64>> {
        let key = |name: &str| before.get(name).cloned().ok_or_else(|| Error::internal("no key"));
        let call = client
            .update_item()
            .table_name(table)
            .key("pk", key("pk")?)
            .key("sk", key("sk")?)
            .update_expression(self.update)
            .condition_expression(self.condition)
            .set_expression_attribute_names(Some(self.names.into_iter().collect()))
            .set_expression_attribute_values(Some(self.values.into_iter().collect()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match call.send().await {
            Ok(answer) => {
                let units = answer.consumed_capacity.and_then(|capacity| capacity.capacity_units);
                Ok(Some(units.unwrap_or(1.0)))
            }
            Err(error) => match error.code() {
                Some("ConditionalCheckFailedException" | "TransactionConflictException") => {
                    Ok(None)
                }
                _ => Err(Error::Unavailable(Box::new(error))),
            },
        }
    }
}

fn next_version(version: &AttributeValue) -> AttributeValue {
    let AttributeValue::N(number) = version else { return version.clone() };
    let next = number.parse::<u64>().map_or(number.clone(), |number| (number + 1).to_string());
    AttributeValue::N(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(attributes: &[(&str, &str)]) -> Item {
        let number = |(name, value): &(&str, &str)| {
            ((*name).to_owned(), AttributeValue::N((*value).to_owned()))
        };
        attributes.iter().map(number).collect()
    }

    #[test]
    fn only_what_changes_is_written_and_compared() {
        let before = item(&[("pk", "1"), ("same", "1"), ("old", "2"), ("version", "7")]);
        let after = item(&[("pk", "1"), ("same", "1"), ("new", "3"), ("version", "7")]);
        let update = ItemUpdate::between(&before, &after).unwrap();
        assert_eq!(update.update, "SET #a0 = :n0, #a2 = :n2 REMOVE #a1");
        assert_eq!(
            update.condition,
            "attribute_exists(pk) AND attribute_not_exists(#a0) AND #a1 = :o1 AND #a2 = :o2"
        );
        let names: Vec<_> = update.names.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["new", "old", "version"]);
        let last = update.values.last().unwrap();
        assert_eq!(last, &(":n2".to_owned(), AttributeValue::N("8".to_owned())));
        assert_eq!(ItemUpdate::between(&before, &before), None);
    }
}
