//! The `FilterCriteria` of a mapping, which select the records that reach the worker.
//!
//! Supports the part of EventBridge's pattern language that the template uses: objects, and lists of texts
//! and `{"prefix":"…"}`. Anything else is an error at start.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>

use serde_json::{Map, Value};

use crate::template::StreamSource;

/// A filter that accepts records which match any of its patterns. Without patterns it accepts all records.
#[derive(Debug)]
pub(super) struct Filter(Vec<Pattern>);

#[derive(Debug)]
enum Pattern {
    /// All of these fields must match.
    Fields(Vec<(String, Pattern)>),
    /// The value must be a text that any of these tests accepts.
    AnyOf(Vec<Test>),
}

#[derive(Debug)]
enum Test {
    Equals(String),
    StartsWith(String),
}

impl Filter {
    pub(super) fn of(source: &StreamSource) -> Result<Self, String> {
        let filters = &source.filter_criteria.filters;
        let patterns = filters.iter().map(|filter| {
            let fields: Map<String, Value> = serde_json::from_str(&filter.pattern)
                .map_err(|error| format!("a filter's pattern: {error}"))?;
            Pattern::of_object(&fields)
        });
        patterns.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn accepts(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(record))
    }
}

impl Pattern {
    fn of_object(fields: &Map<String, Value>) -> Result<Self, String> {
        if fields.is_empty() {
            return Err("a filter's pattern: an object without fields".to_owned());
        }
        let fields = fields.iter().map(|(name, value)| {
            let pattern = match (value.as_object(), value.as_array()) {
                (Some(inner), _) => Self::of_object(inner),
                (_, Some(tests)) if !tests.is_empty() => {
                    let tests = tests.iter().map(Test::of);
                    tests.collect::<Result<_, _>>().map(Self::AnyOf)
                }
                _ => Err(unknown(value)),
            };
            Ok((name.clone(), pattern?))
        });
        fields.collect::<Result<_, String>>().map(Self::Fields)
    }

    fn matches(&self, value: &Value) -> bool {
        match self {
            Self::Fields(fields) => fields
                .iter()
                .all(|(name, pattern)| value.get(name).is_some_and(|value| pattern.matches(value))),
            Self::AnyOf(tests) => {
                value.as_str().is_some_and(|text| tests.iter().any(|test| test.matches(text)))
            }
        }
    }
}

impl Test {
    fn of(value: &Value) -> Result<Self, String> {
        if let Value::String(text) = value {
            return Ok(Self::Equals(text.clone()));
        }
        match value.as_object().map(|object| (object.len(), object.get("prefix"))) {
            Some((1, Some(Value::String(prefix)))) => Ok(Self::StartsWith(prefix.clone())),
            Some(_) | None => Err(unknown(value)),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Equals(expected) => text == expected,
            Self::StartsWith(prefix) => text.starts_with(prefix),
        }
    }
}

fn unknown(pattern: &Value) -> String {
    format!("a filter's pattern: the local stack does not support {pattern}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filter(patterns: &[Value]) -> Result<Filter, String> {
        let filters: Vec<_> =
            patterns.iter().map(|pattern| json!({"Pattern": pattern.to_string()})).collect();
        let source = json!({
            "Stream": {"Fn::GetAtt": "Table.StreamArn"}, "StartingPosition": "LATEST",
            "BatchSize": 1, "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "FilterCriteria": {"Filters": filters}});
        Filter::of(&serde_json::from_value(source).unwrap())
    }

    fn record(name: &str, pk: &str) -> Value {
        json!({"eventName": name, "dynamodb": {"Keys": {"pk": {"S": pk}}}})
    }

    #[test]
    fn every_field_has_to_fit_and_any_pattern_will_do() {
        let mail = json!({"eventName": ["INSERT"],
            "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "MAIL#"}, "X"]}}}});
        let sweep = json!({"eventName": ["REMOVE", "MODIFY"]});
        let filter = filter(&[mail, sweep]).unwrap();
        for (expected, record) in [
            (true, record("INSERT", "MAIL#1")),
            (true, record("INSERT", "X")),
            (false, record("INSERT", "XY")),
            (false, record("INSERT", "mail#1")),
            (true, record("REMOVE", "other")),
            (false, json!({"eventName": "INSERT"})),
            (false, json!({"eventName": 7})),
        ] {
            assert_eq!(filter.accepts(&record), expected, "{record}");
        }
    }

    #[test]
    fn the_templates_own_let_through_what_the_worker_does() {
        let template = crate::template::Template::load().unwrap();
        let sources = template.functions.iter().flat_map(|function| &function.streams);
        let filters: Vec<_> = sources.map(|source| Filter::of(source).unwrap()).collect();
        assert_eq!(filters.len(), 2);
        // By which of them: mail has one to itself.
        for (expected, name, pk) in [
            ([false, true], "INSERT", "MAIL#x"),
            ([false, false], "MODIFY", "MAIL#x"),
            ([true, false], "INSERT", "SLACK#x"),
            ([false, false], "MODIFY", "SLACK#x"),
            ([true, false], "INSERT", "WORK"),
            ([true, false], "MODIFY", "WORK"),
            ([false, false], "REMOVE", "WORK"),
            ([false, false], "INSERT", "WORK#x"),
            ([false, false], "INSERT", "CLIENT#x"),
            ([false, false], "INSERT", "NOTICE#x"),
        ] {
            let through: Vec<_> =
                filters.iter().map(|filter| filter.accepts(&record(name, pk))).collect();
            assert_eq!(through, expected, "{name} {pk}");
        }
    }

    #[test]
    fn without_a_pattern_everything_goes_through() {
        assert!(filter(&[]).unwrap().accepts(&json!({})));
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        for pattern in [
            json!({"a": [{"anything-but": "x"}]}),
            json!({"a": [{"prefix": "x", "suffix": "y"}]}),
            json!({"a": [{"exists": true}]}),
            json!({"a": [1]}),
            json!({"a": [null]}),
            json!({"a": []}),
            json!({"a": "x"}),
            json!({"a": {}}),
            json!({"$or": [{"a": ["x"]}]}),
            json!([]),
        ] {
            assert!(filter(std::slice::from_ref(&pattern)).is_err(), "{pattern}");
        }
    }
}
