//! What a function's policy in the template allows at the table.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::read::read;

/// What a function may do with the items of the table. Without statements it may do nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TablePolicy(Vec<TableStatement>);

/// A statement that allows actions on the items of some partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
struct TableStatement {
    /// The actions with their prefix, such as `dynamodb:GetItem`.
    actions: Vec<String>,
    resource: Value,
    /// The partition keys of the statement's condition; `None` without a condition.
    partitions: Option<Vec<PartitionPattern>>,
}

/// A pattern for partition keys.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PartitionPattern {
    Exact(String),
    /// All keys with this prefix. The template writes it with a `*` at its end.
    Prefix(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Policy {
    #[serde(rename = "Version")]
    _version: IgnoredAny,
    statement: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    effect: Effect,
    action: Vec<String>,
    resource: Value,
    condition: Option<Condition>,
}

#[derive(Deserialize)]
enum Effect {
    Allow,
}

/// The only supported condition. `ForAllValues` is true for a request without keys, and `Null` excludes those.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    #[serde(rename = "ForAllValues:StringLike")]
    patterns: BTreeMap<String, Vec<String>>,
    #[serde(rename = "Null")]
    null: BTreeMap<String, String>,
}

/// The condition key with the partition keys of a request.
const LEADING_KEYS: &str = "dynamodb:LeadingKeys";

impl TablePolicy {
    /// Reads the statements about DynamoDB from a function's `Policies`.
    ///
    /// # Errors
    /// A message if a statement about DynamoDB has something that the local stack does not support.
    pub(super) fn read(function: &str, policies: Vec<Value>) -> Result<Self, String> {
        let mut statements = Vec::new();
        for policy in policies {
            let policy: Policy = read(&format!("{function}, Policies"), policy)?;
            let concerns_table =
                |statement: &Value| statement["Action"].to_string().contains("dynamodb:");
            for statement in policy.statement.into_iter().filter(concerns_table) {
                let location = format!("{function}, a statement about DynamoDB");
                let Statement { effect: Effect::Allow, action, resource, condition } =
                    read(&location, statement)?;
                let partitions = condition
                    .map(Condition::partitions)
                    .transpose()
                    .map_err(|error| format!("{location}: {error}"))?;
                statements.push(TableStatement { actions: action, resource, partitions });
            }
        }
        Ok(Self(statements))
    }

    /// Checks that the statements are about this table.
    ///
    /// # Errors
    /// A message if one names another resource.
    pub(super) fn require_table(&self, table: &str) -> Result<(), String> {
        let expected = json!({"Fn::GetAtt": format!("{table}.Arn")});
        match self.0.iter().find(|statement| statement.resource != expected) {
            None => Ok(()),
            Some(other) => Err(format!("a statement about {} and not {expected}", other.resource)),
        }
    }

    /// Lists the actions and the patterns of partition keys that the statements allow.
    pub(crate) fn rights(&self) -> BTreeSet<String> {
        let rights = self.0.iter().flat_map(|statement| {
            let patterns = statement.partitions.iter().flatten().map(PartitionPattern::text);
            statement.actions.iter().cloned().chain(patterns)
        });
        rights.collect()
    }

    /// Lists those of [`Self::rights`] that a request for the action on these partition keys needs.
    pub(crate) fn used_rights(&self, action: &str, partitions: &[String]) -> BTreeSet<String> {
        let statements = self.0.iter().filter(|statement| statement.allows(action, partitions));
        let rights = statements.flat_map(|statement| {
            let patterns = statement.partitions.iter().flatten();
            let used = patterns.filter(|pattern| partitions.iter().any(|pk| pattern.matches(pk)));
            used.map(PartitionPattern::text).chain([action.to_owned()])
        });
        rights.collect()
    }

    /// Returns whether one statement allows the action on all these partition keys.
    pub(crate) fn allows(&self, action: &str, partitions: &[String]) -> bool {
        self.0.iter().any(|statement| statement.allows(action, partitions))
    }
}

impl TableStatement {
    fn allows(&self, action: &str, partitions: &[String]) -> bool {
        self.actions.iter().any(|allowed| allowed == action) && self.includes(partitions)
    }

    fn includes(&self, partitions: &[String]) -> bool {
        let Some(patterns) = &self.partitions else { return true };
        let matches = |pk: &String| patterns.iter().any(|pattern| pattern.matches(pk));
        !partitions.is_empty() && partitions.iter().all(matches)
    }
}

impl Condition {
    fn partitions(self) -> Result<Vec<PartitionPattern>, String> {
        let Self { mut patterns, null } = self;
        if null != BTreeMap::from([(LEADING_KEYS.to_owned(), "false".to_owned())]) {
            return Err(format!("\"Null\" must be {{\"{LEADING_KEYS}\": \"false\"}}"));
        }
        let listed = patterns.remove(LEADING_KEYS);
        let listed = listed.filter(|_| patterns.is_empty());
        let listed =
            listed.ok_or_else(|| format!("a condition on other keys than {LEADING_KEYS}"))?;
        listed.into_iter().map(PartitionPattern::parse).collect()
    }
}

impl PartitionPattern {
    fn parse(pattern: String) -> Result<Self, String> {
        let prefix = pattern.strip_suffix('*');
        if prefix.unwrap_or(&pattern).contains(['*', '?', '$']) {
            return Err(format!("{pattern}: only a * at the end is supported"));
        }
        Ok(prefix.map(str::to_owned).map_or_else(|| Self::Exact(pattern), Self::Prefix))
    }

    /// Returns the pattern as the template writes it.
    fn text(&self) -> String {
        match self {
            Self::Exact(key) => key.clone(),
            Self::Prefix(prefix) => format!("{prefix}*"),
        }
    }

    fn matches(&self, pk: &str) -> bool {
        match self {
            Self::Exact(key) => pk == key,
            Self::Prefix(prefix) => pk.starts_with(prefix.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(condition: &Value) -> Result<TablePolicy, String> {
        let mut statement = json!({"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:BatchGetItem"],
            "Resource": {"Fn::GetAtt": "Table.Arn"}});
        if !condition.is_null() {
            statement["Condition"] = condition.clone();
        }
        let other = json!({"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"});
        let statements = json!({"Version": "2012-10-17", "Statement": [statement, other]});
        TablePolicy::read("F", vec![statements])
    }

    fn condition(patterns: &[&str]) -> Value {
        json!({"ForAllValues:StringLike": {LEADING_KEYS: patterns}, "Null": {LEADING_KEYS: "false"}})
    }

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(|&key| key.to_owned()).collect()
    }

    #[test]
    fn a_condition_allows_its_partitions_only() {
        let policy = policy(&condition(&["USER#*", "EXPIRY"])).unwrap();
        let allows = |list: &[&str]| policy.allows("dynamodb:BatchGetItem", &keys(list));
        assert!(
            allows(&["USER#1"]) && allows(&["EXPIRY"]) && allows(&["USER#1", "EXPIRY", "USER#2"])
        );
        assert!(!allows(&["CLIENT#1"]) && !allows(&["EXPIRY#1"]) && !allows(&["USER"]));
        // All keys of a request must match, and there must be one.
        assert!(!allows(&["USER#1", "CLIENT#1"]));
        assert!(!allows(&[]));
        assert!(!policy.allows("dynamodb:PutItem", &keys(&["USER#1"])));
        assert!(!TablePolicy::default().allows("dynamodb:GetItem", &keys(&["USER#1"])));
    }

    #[test]
    fn without_a_condition_only_actions_count() {
        let policy = policy(&Value::Null).unwrap();
        assert!(policy.allows("dynamodb:GetItem", &keys(&["USER#1"])));
        assert!(!policy.allows("dynamodb:Query", &keys(&["USER#1"])));
        assert_eq!(policy.require_table("Table"), Ok(()));
        assert!(policy.require_table("Other").is_err());
    }

    #[test]
    fn unsupported_conditions_are_refused() {
        let mut without_null = condition(&["USER#*"]);
        without_null.as_object_mut().unwrap().remove("Null");
        let mut with_other_null = condition(&["USER#*"]);
        with_other_null["Null"][LEADING_KEYS] = "true".into();
        let mut another = condition(&["USER#*"]);
        another["StringEquals"] = json!({"dynamodb:Select": "COUNT"});
        for unsupported in
            [without_null, with_other_null, another, condition(&["US*R"]), condition(&["U?"])]
        {
            assert!(policy(&unsupported).is_err(), "{unsupported}");
        }
    }
}
