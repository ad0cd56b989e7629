//! The `FilterCriteria` of a mapping, which select the records that reach the worker, and the patterns of rules.
//!
//! Supports the part of EventBridge's pattern language that the template uses: objects, and lists of texts
//! and `{"prefix":"…"}`. Anything else is an error at start.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>

use serde_json::{Map, Value};

use crate::template::StreamSource;

/// A filter that accepts records which match any of its patterns. Without patterns it accepts all records.
#[derive(Debug)]
pub(super) struct RecordFilter(Vec<EventPattern>);

/// A pattern of events or records.
#[derive(Debug)]
pub(crate) struct EventPattern(Pattern);

#[derive(Debug)]
enum Pattern {
    /// All of these fields must match.
    Fields(Vec<(String, Pattern)>),
    /// The value must be a text that any of these tests accepts, or a list with such a text.
    AnyOf(Vec<TextTest>),
}

#[derive(Debug)]
enum TextTest {
    Equals(String),
    StartsWith(String),
}

impl RecordFilter {
    /// Parses the filter of a mapping.
    ///
    /// # Errors
    /// A message if a pattern is not supported.
    pub(super) fn parse(source: &StreamSource) -> Result<Self, String> {
        let filters = &source.filter_criteria.filters;
        let patterns = filters.iter().map(|filter| {
            let fields: Map<String, Value> = serde_json::from_str(&filter.pattern)
                .map_err(|error| format!("a filter's pattern: {error}"))?;
            EventPattern::parse_object(&fields)
        });
        patterns.collect::<Result<_, _>>().map(Self)
    }

    /// Returns whether a record matches.
    pub(super) fn accepts(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(record))
    }
}

impl EventPattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// A message if the pattern is not supported.
    pub(crate) fn parse_object(fields: &Map<String, Value>) -> Result<Self, String> {
        Pattern::parse_object(fields).map(Self)
    }

    /// Returns whether an event matches.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        self.0.matches(event)
    }
}

impl Pattern {
    fn parse_object(fields: &Map<String, Value>) -> Result<Self, String> {
        if fields.is_empty() {
            return Err("a filter's pattern: an object without fields".to_owned());
        }
        let fields = fields.iter().map(|(name, value)| {
            let pattern = match (value.as_object(), value.as_array()) {
                (Some(inner), _) => Self::parse_object(inner),
                (_, Some(tests)) if !tests.is_empty() => {
                    let tests = tests.iter().map(TextTest::parse);
                    tests.collect::<Result<_, _>>().map(Self::AnyOf)
                }
                _ => Err(unsupported(value)),
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
                let is_text = |value: &Value| {
                    value.as_str().is_some_and(|text| tests.iter().any(|test| test.matches(text)))
                };
                value.as_array().map_or_else(|| is_text(value), |list| list.iter().any(is_text))
            }
        }
    }
}

impl TextTest {
    fn parse(value: &Value) -> Result<Self, String> {
        if let Value::String(text) = value {
            return Ok(Self::Equals(text.clone()));
        }
        match value.as_object().map(|object| (object.len(), object.get("prefix"))) {
            Some((1, Some(Value::String(prefix)))) => Ok(Self::StartsWith(prefix.clone())),
            Some(_) | None => Err(unsupported(value)),
        }
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Equals(expected) => text == expected,
            Self::StartsWith(prefix) => text.starts_with(prefix),
        }
    }
}

fn unsupported(pattern: &Value) -> String {
    format!("a filter's pattern: the local stack does not support {pattern}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filter(patterns: &[Value]) -> Result<RecordFilter, String> {
        let filters: Vec<_> =
            patterns.iter().map(|pattern| json!({"Pattern": pattern.to_string()})).collect();
        let source = json!({
            "Stream": {"Fn::GetAtt": "Table.StreamArn"}, "StartingPosition": "LATEST",
            "BatchSize": 1, "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "FilterCriteria": {"Filters": filters}});
        RecordFilter::parse(&serde_json::from_value(source).unwrap())
    }

    fn record(name: &str, pk: &str) -> Value {
        json!({"eventName": name, "dynamodb": {"Keys": {"pk": {"S": pk}}}})
    }

    #[test]
    fn all_fields_of_any_pattern_must_match() {
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
    fn the_filters_of_the_template_select_the_work_of_the_worker() {
        let template = crate::template::Template::load().unwrap();
        let sources = template.functions.iter().flat_map(|function| &function.streams);
        let filters: Vec<_> = sources.map(|source| RecordFilter::parse(source).unwrap()).collect();
        let [filter] = &filters[..] else { panic!("not one reader of the stream") };
        for (expected, name, pk) in [
            (true, "INSERT", "CODE-MAIL#x"),
            (false, "MODIFY", "CODE-MAIL#x"),
            (true, "INSERT", "MAIL#x"),
            (false, "MODIFY", "MAIL#x"),
            (true, "INSERT", "SLACK#x"),
            (false, "MODIFY", "SLACK#x"),
            (true, "INSERT", "WORK#00"),
            (true, "MODIFY", "WORK#15"),
            (false, "REMOVE", "WORK#00"),
            (false, "INSERT", "WORK"),
            (false, "INSERT", "CLIENT#x"),
            (false, "INSERT", "NOTICE#x"),
        ] {
            assert_eq!(filter.accepts(&record(name, pk)), expected, "{name} {pk}");
        }
    }

    #[test]
    fn without_patterns_every_record_is_accepted() {
        assert!(filter(&[]).unwrap().accepts(&json!({})));
    }

    #[test]
    fn unsupported_patterns_are_errors() {
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
