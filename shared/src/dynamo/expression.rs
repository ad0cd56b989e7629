//! Conditions and updates as values; rendered to DynamoDB's expressions with every name and value
//! behind a placeholder, so that no reserved word and no input can change what they say.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use super::item::to_value;
use super::keys::Key;
use crate::error::Result;

/// What must hold of an item for a write to happen.
#[derive(Clone, Debug)]
pub enum Condition {
    /// The item exists.
    Exists,
    /// No item has this key.
    Absent,
    /// The attribute is there.
    Present(&'static str),
    /// The attribute isn't there; nor need the item be.
    Missing(&'static str),
    /// The attribute compares to the value; false when it is missing.
    Compare(&'static str, Comparison, Value),
    /// All hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
}

/// How an attribute compares to a value.
#[derive(Clone, Copy, Debug)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
}

/// A value to compare with or to set.
#[derive(Clone, Debug)]
pub struct Value(AttributeValue);

impl Value {
    /// From anything that serializes.
    pub fn of(value: impl Serialize) -> Result<Self> {
        to_value(value).map(Self)
    }
}

impl Condition {
    /// `attribute = value`
    pub fn equal(attribute: &'static str, value: impl Serialize) -> Result<Self> {
        Ok(Self::Compare(attribute, Comparison::Equal, Value::of(value)?))
    }

    /// `attribute < value`
    pub fn less(attribute: &'static str, value: impl Serialize) -> Result<Self> {
        Ok(Self::Compare(attribute, Comparison::Less, Value::of(value)?))
    }

    /// `attribute <= value`
    pub fn at_most(attribute: &'static str, value: impl Serialize) -> Result<Self> {
        Ok(Self::Compare(attribute, Comparison::AtMost, Value::of(value)?))
    }

    /// `attribute > value`
    pub fn greater(attribute: &'static str, value: impl Serialize) -> Result<Self> {
        Ok(Self::Compare(attribute, Comparison::Greater, Value::of(value)?))
    }
}

/// A change to one item, which is made if it doesn't exist (unless the condition says otherwise).
#[derive(Clone, Debug)]
pub struct Update {
    pub(super) key: Key,
    sets: Vec<(&'static str, Value)>,
    adds: Vec<(&'static str, i64)>,
    removes: Vec<&'static str>,
    pub(super) condition: Option<Condition>,
}

impl Update {
    /// An update of the item with that key.
    pub fn of(key: Key) -> Self {
        Self { key, sets: vec![], adds: vec![], removes: vec![], condition: None }
    }

    /// Sets an attribute.
    pub fn set(mut self, attribute: &'static str, value: impl Serialize) -> Result<Self> {
        self.sets.push((attribute, Value::of(value)?));
        Ok(self)
    }

    /// Adds to a number; a missing one counts as zero.
    #[must_use]
    pub fn add(mut self, attribute: &'static str, amount: i64) -> Self {
        self.adds.push((attribute, amount));
        self
    }

    /// Removes an attribute.
    #[must_use]
    pub fn remove(mut self, attribute: &'static str) -> Self {
        self.removes.push(attribute);
        self
    }

    /// Makes the change only if the condition holds.
    #[must_use]
    pub fn only_if(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }

    pub(super) fn render(&self, placeholders: &mut Placeholders) -> String {
        let mut clauses = Vec::new();
        let sets = self.sets.iter().map(|(name, value)| {
            format!("{} = {}", placeholders.name(name), placeholders.value(value))
        });
        clause(&mut clauses, "SET", sets.collect());
        let adds = self.adds.iter().map(|(name, amount)| {
            let amount = Value(AttributeValue::N(amount.to_string()));
            format!("{} {}", placeholders.name(name), placeholders.value(&amount))
        });
        clause(&mut clauses, "ADD", adds.collect());
        let removes = self.removes.iter().map(|name| placeholders.name(name));
        clause(&mut clauses, "REMOVE", removes.collect());
        clauses.join(" ")
    }
}

fn clause(clauses: &mut Vec<String>, verb: &str, parts: Vec<String>) {
    if !parts.is_empty() {
        clauses.push(format!("{verb} {}", parts.join(", ")));
    }
}

/// The names and values that an expression refers to.
#[derive(Default)]
pub(super) struct Placeholders {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Placeholders {
    pub(super) fn name(&mut self, attribute: &str) -> String {
        let placeholder = format!("#{attribute}");
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    pub(super) fn value(&mut self, value: &Value) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value.0.clone());
        placeholder
    }

    pub(super) fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::Exists => format!("attribute_exists({})", self.name("pk")),
            Condition::Absent => format!("attribute_not_exists({})", self.name("pk")),
            Condition::Present(name) => format!("attribute_exists({})", self.name(name)),
            Condition::Missing(name) => format!("attribute_not_exists({})", self.name(name)),
            Condition::Compare(name, comparison, value) => {
                let sign = match comparison {
                    Comparison::Equal => "=",
                    Comparison::Less => "<",
                    Comparison::AtMost => "<=",
                    Comparison::Greater => ">",
                };
                format!("{} {sign} {}", self.name(name), self.value(value))
            }
            Condition::All(parts) => self.join(parts, " AND "),
            Condition::Any(parts) => self.join(parts, " OR "),
        }
    }

    fn join(&mut self, parts: &[Condition], word: &str) -> String {
        let parts: Vec<_> = parts.iter().map(|part| self.condition(part)).collect();
        format!("({})", parts.join(word))
    }

    /// As the SDK takes them: `None` when empty, since DynamoDB refuses empty maps.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// As [`Placeholders::names`].
    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;
    use crate::random::SystemRandom;

    #[test]
    fn an_update_renders_every_clause_with_placeholders_only() {
        let key = crate::dynamo::keys::user(&UserId::generate(&SystemRandom));
        let update =
            Update::of(key).set("name", "x; REMOVE #pk").unwrap().add("version", 1).remove("ttl");
        let mut placeholders = Placeholders::default();
        assert_eq!(
            update.render(&mut placeholders),
            "SET #name = :v0 ADD #version :v1 REMOVE #ttl"
        );
        assert_eq!(placeholders.names().unwrap().len(), 3);
    }

    #[test]
    fn conditions_nest() {
        let condition = Condition::Any(vec![
            Condition::Absent,
            Condition::All(vec![
                Condition::less("tries", 5).unwrap(),
                Condition::greater("expires_at", 7).unwrap(),
            ]),
        ]);
        assert_eq!(
            Placeholders::default().condition(&condition),
            "(attribute_not_exists(#pk) OR (#tries < :v0 AND #expires_at > :v1))"
        );
    }
}
