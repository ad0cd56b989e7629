//! Conditions and updates as values. They are rendered to DynamoDB expressions in which every name and
//! value is a placeholder, so that no reserved word and no input can change their meaning.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::error::Error;
use crate::item::to_value;
use crate::key::Key;

/// A condition that an item must meet for a write to happen.
#[derive(Clone, Debug)]
pub enum Condition {
    /// The item exists.
    Exists,
    /// No item has this key.
    Absent,
    /// The attribute exists.
    Present(&'static str),
    /// The attribute does not exist. The item need not exist either.
    Missing(&'static str),
    /// The map in the attribute has no member of this name. The map need not exist either.
    MissingMember(&'static str, String),
    /// The attribute compares to the value in this way. False if the attribute does not exist.
    Compare(&'static str, Comparison, Value),
    /// All conditions hold.
    All(Vec<Condition>),
    /// At least one condition holds.
    Any(Vec<Condition>),
}

/// A comparison of an attribute with a value.
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
    /// `>=`
    AtLeast,
}

/// A value to compare with or to set.
#[derive(Clone, Debug)]
pub struct Value(AttributeValue);

impl Value {
    /// Serializes a value for use in an expression.
    ///
    /// # Errors
    /// [`Error::Internal`] if the value cannot be stored in an attribute.
    pub fn new(value: impl Serialize) -> Result<Self, Error> {
        to_value(value).map(Self)
    }
}

impl Condition {
    /// Makes the condition `attribute = value`.
    ///
    /// # Errors
    /// As [`Value::new`].
    pub fn equal(attribute: &'static str, value: impl Serialize) -> Result<Self, Error> {
        Ok(Self::Compare(attribute, Comparison::Equal, Value::new(value)?))
    }

    /// Makes the condition `attribute < value`.
    ///
    /// # Errors
    /// As [`Value::new`].
    pub fn less(attribute: &'static str, value: impl Serialize) -> Result<Self, Error> {
        Ok(Self::Compare(attribute, Comparison::Less, Value::new(value)?))
    }

    /// Makes the condition `attribute <= value`.
    ///
    /// # Errors
    /// As [`Value::new`].
    pub fn at_most(attribute: &'static str, value: impl Serialize) -> Result<Self, Error> {
        Ok(Self::Compare(attribute, Comparison::AtMost, Value::new(value)?))
    }

    /// Makes the condition `attribute > value`.
    ///
    /// # Errors
    /// As [`Value::new`].
    pub fn greater(attribute: &'static str, value: impl Serialize) -> Result<Self, Error> {
        Ok(Self::Compare(attribute, Comparison::Greater, Value::new(value)?))
    }

    /// Makes the condition `attribute >= value`.
    ///
    /// # Errors
    /// As [`Value::new`].
    pub fn at_least(attribute: &'static str, value: impl Serialize) -> Result<Self, Error> {
        Ok(Self::Compare(attribute, Comparison::AtLeast, Value::new(value)?))
    }
}

/// A member of a map attribute, by its name.
#[derive(Clone, Debug)]
struct Member {
    map: &'static str,
    name: String,
}

/// What a member of a map is set to.
#[derive(Clone, Debug)]
enum MemberValue {
    Value(Value),
    /// The sum of an attribute before the update and a number.
    Sum(&'static str, i64),
}

/// A change to one item. DynamoDB creates the item if it does not exist, unless a condition forbids it.
#[derive(Clone, Debug)]
pub struct Update {
    pub(crate) key: Key,
    sets: Vec<(&'static str, Value)>,
    adds: Vec<(&'static str, i64)>,
    removes: Vec<&'static str>,
    member_sets: Vec<(Member, MemberValue)>,
    member_removes: Vec<Member>,
    pub(crate) condition: Option<Condition>,
}

impl Update {
    /// Starts an update of the item with that key.
    pub fn new(key: Key) -> Self {
        Self {
            key,
            sets: vec![],
            adds: vec![],
            removes: vec![],
            member_sets: vec![],
            member_removes: vec![],
            condition: None,
        }
    }

    /// Sets an attribute.
    ///
    /// # Errors
    /// As [`Value::new`].
    pub fn set(mut self, attribute: &'static str, value: impl Serialize) -> Result<Self, Error> {
        self.sets.push((attribute, Value::new(value)?));
        Ok(self)
    }

    /// Adds to a number. A missing attribute counts as zero.
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

    /// Sets a member of a map. The map must exist.
    ///
    /// # Errors
    /// As [`Value::new`].
    pub fn set_member(
        mut self,
        map: &'static str,
        name: impl Into<String>,
        value: impl Serialize,
    ) -> Result<Self, Error> {
        let member = Member { map, name: name.into() };
        self.member_sets.push((member, MemberValue::Value(Value::new(value)?)));
        Ok(self)
    }

    /// Sets a member of a map to the sum of an attribute, as it is before the update, and a number. The map must exist.
    #[must_use]
    pub fn set_member_to_sum(
        mut self,
        map: &'static str,
        name: impl Into<String>,
        attribute: &'static str,
        amount: i64,
    ) -> Self {
        let member = Member { map, name: name.into() };
        self.member_sets.push((member, MemberValue::Sum(attribute, amount)));
        self
    }

    /// Removes a member of a map, if it exists. The map must exist.
    #[must_use]
    pub fn remove_member(mut self, map: &'static str, name: impl Into<String>) -> Self {
        self.member_removes.push(Member { map, name: name.into() });
        self
    }

    /// Makes the change only if the condition holds.
    #[must_use]
    pub fn only_if(mut self, condition: Condition) -> Self {
        self.condition = Some(condition);
        self
    }

    pub(crate) fn render(&self, placeholders: &mut Placeholders) -> String {
        let mut clauses = Vec::new();
        let mut sets: Vec<_> = self
            .sets
            .iter()
            .map(|(name, value)| {
                format!("{} = {}", placeholders.name(name), placeholders.value(value))
            })
            .collect();
        sets.extend(self.member_sets.iter().map(|(member, value)| {
            let path = placeholders.member(member.map, &member.name);
            match value {
                MemberValue::Value(value) => format!("{path} = {}", placeholders.value(value)),
                MemberValue::Sum(attribute, amount) => {
                    let (attribute, amount) =
                        (placeholders.name(attribute), placeholders.number(*amount));
                    format!("{path} = {attribute} + {amount}")
                }
            }
        }));
        clause(&mut clauses, "SET", sets);
        let adds = self.adds.iter().map(|(name, amount)| {
            format!("{} {}", placeholders.name(name), placeholders.number(*amount))
        });
        clause(&mut clauses, "ADD", adds.collect());
        let mut removes: Vec<_> = self.removes.iter().map(|name| placeholders.name(name)).collect();
        removes.extend(
            self.member_removes.iter().map(|member| placeholders.member(member.map, &member.name)),
        );
        clause(&mut clauses, "REMOVE", removes);
        clauses.join(" ")
    }
}

fn clause(clauses: &mut Vec<String>, verb: &str, parts: Vec<String>) {
    if !parts.is_empty() {
        clauses.push(format!("{verb} {}", parts.join(", ")));
    }
}

/// The placeholders of an expression, with the names and values that they stand for.
#[derive(Default)]
pub(crate) struct Placeholders {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Placeholders {
    pub(crate) fn name(&mut self, attribute: &str) -> String {
        let placeholder = format!("#{attribute}");
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    /// Makes the path of a map's member. Its name can be any text, so it gets a numbered placeholder.
    fn member(&mut self, map: &str, member: &str) -> String {
        let map = self.name(map);
        let placeholder = format!("#m{}", self.names.len());
        self.names.insert(placeholder.clone(), member.to_owned());
        format!("{map}.{placeholder}")
    }

    fn number(&mut self, number: i64) -> String {
        self.value(&Value(AttributeValue::N(number.to_string())))
    }

    pub(crate) fn value(&mut self, value: &Value) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value.0.clone());
        placeholder
    }

    pub(crate) fn condition(&mut self, condition: &Condition) -> String {
        match condition {
            Condition::Exists => format!("attribute_exists({})", self.name("pk")),
            Condition::Absent => format!("attribute_not_exists({})", self.name("pk")),
            Condition::Present(name) => format!("attribute_exists({})", self.name(name)),
            Condition::Missing(name) => format!("attribute_not_exists({})", self.name(name)),
            Condition::MissingMember(map, member) => {
                format!("attribute_not_exists({})", self.member(map, member))
            }
            Condition::Compare(name, comparison, value) => {
                let sign = match comparison {
                    Comparison::Equal => "=",
                    Comparison::Less => "<",
                    Comparison::AtMost => "<=",
                    Comparison::Greater => ">",
                    Comparison::AtLeast => ">=",
                };
                format!("{} {sign} {}", self.name(name), self.value(value))
            }
            Condition::All(parts) => self.join(parts, " AND "),
            Condition::Any(parts) => self.join(parts, " OR "),
        }
    }

    fn join(&mut self, parts: &[Condition], word: &str) -> String {
        // DynamoDB refuses two parentheses around one expression.
        if let [only] = parts {
            return self.condition(only);
        }
        let parts: Vec<_> = parts.iter().map(|part| self.condition(part)).collect();
        format!("({})", parts.join(word))
    }

    /// Returns the names for the SDK; `None` if there are none, since DynamoDB refuses empty maps.
    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// Returns the values for the SDK; `None` if there are none, since DynamoDB refuses empty maps.
    pub(crate) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_renders_every_clause_with_placeholders_only() {
        let key = Key::new("USER#u", "META");
        let update =
            Update::new(key).set("name", "x; REMOVE #pk").unwrap().add("version", 1).remove("ttl");
        let mut placeholders = Placeholders::default();
        assert_eq!(
            update.render(&mut placeholders),
            "SET #name = :v0 ADD #version :v1 REMOVE #ttl"
        );
        assert_eq!(placeholders.names().unwrap().len(), 3);
    }

    #[test]
    fn a_member_of_a_map_has_placeholders_for_both_names() {
        let update = Update::new(Key::new("LEDGER#c", "BALANCE"))
            .set_member_to_sum("recent", "a.b", "entries", 1)
            .add("entries", 1)
            .remove_member("recent", "c")
            .only_if(Condition::MissingMember("recent", "a.b".to_owned()));
        let mut placeholders = Placeholders::default();
        assert_eq!(
            update.render(&mut placeholders),
            "SET #recent.#m1 = #entries + :v0 ADD #entries :v1 REMOVE #recent.#m3"
        );
        let condition = placeholders.condition(update.condition.as_ref().unwrap());
        assert_eq!(condition, "attribute_not_exists(#recent.#m4)");
        let names = placeholders.names().unwrap();
        assert_eq!((names["#m1"].as_str(), names["#m3"].as_str()), ("a.b", "c"));
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
        let one = Condition::All(vec![Condition::Any(vec![Condition::Exists, Condition::Absent])]);
        assert_eq!(
            Placeholders::default().condition(&one),
            "(attribute_exists(#pk) OR attribute_not_exists(#pk))"
        );
    }
}
