//! Evaluates the alarms of `template.yaml` on metrics that CloudWatch reads from log lines: the metric filters, the
//! statistic of each period, and the threshold.

use serde_json::Value;
use serde_norway::Value as Yaml;

use crate::template::template;

/// An alarm on a metric that filters of log groups emit.
#[derive(Debug)]
pub struct LogAlarm {
    statistic: Statistic,
    threshold: f64,
    /// The number of the latest periods that count.
    evaluation_periods: usize,
    /// The number of those that must exceed the threshold.
    datapoints_to_alarm: usize,
    filters: Vec<MetricFilter>,
}

/// How the values of a period become one.
#[derive(Clone, Copy, Debug)]
enum Statistic {
    Sum,
    Maximum,
}

/// A filter that emits the metric of an alarm.
#[derive(Debug)]
struct MetricFilter {
    /// The binary of the function whose log the filter reads.
    function: String,
    pattern: FilterPattern,
    value: MetricValue,
}

/// The value that a filter emits for each line.
#[derive(Debug)]
enum MetricValue {
    Constant(f64),
    /// The number in a field of the line.
    Field(String),
}

/// A pattern for lines that are JSON: alternatives of conditions that hold together.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
#[derive(Debug)]
pub struct FilterPattern(Vec<Vec<FieldCondition>>);

#[derive(Debug)]
struct FieldCondition {
    field: String,
    requirement: Requirement,
}

#[derive(Debug)]
enum Requirement {
    Present,
    Text(String),
    Prefix(String),
    AtLeast(f64),
    MoreThan(f64),
}

/// Returns the name that a `!Ref` or the like refers to.
fn referenced(value: &Yaml) -> &str {
    let Yaml::Tagged(tagged) = value else { panic!("no reference: {value:?}") };
    tagged.value.as_str().unwrap()
}

impl LogAlarm {
    /// Reads an alarm of the template with the filters that emit its metric: those with its namespace and name, and
    /// without dimensions and unit, as the alarm has none.
    ///
    /// # Panics
    /// If the template has no such alarm, or if no filter emits the metric.
    pub fn read(name: &str) -> Self {
        let template = template();
        let resources = template["Resources"].as_mapping().unwrap();
        let alarm = &template["Resources"][name];
        assert_eq!(alarm["Type"], "AWS::CloudWatch::Alarm", "{name}");
        let alarm = &alarm["Properties"];
        assert!(alarm["Dimensions"].is_null() && alarm["Unit"].is_null(), "{name}");
        assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold", "{name}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}");
        let filters = resources.values().filter(|r| r["Type"] == "AWS::Logs::MetricFilter");
        let filters = filters.filter_map(|filter| {
            let filter = &filter["Properties"];
            let metric = &filter["MetricTransformations"][0];
            let is_read = metric["MetricNamespace"] == alarm["Namespace"]
                && metric["MetricName"] == alarm["MetricName"]
                && metric["Dimensions"].is_null()
                && metric["Unit"].is_null();
            is_read.then(|| MetricFilter::read(&template, filter, metric))
        });
        let filters: Vec<_> = filters.collect();
        assert!(!filters.is_empty(), "{name}: no filter emits its metric");
        let count = |field: &str| {
            let count = alarm[field].as_u64();
            count.map(|count| usize::try_from(count).unwrap())
        };
        let evaluation_periods = count("EvaluationPeriods").unwrap();
        Self {
            statistic: match alarm["Statistic"].as_str() {
                Some("Sum") => Statistic::Sum,
                Some("Maximum") => Statistic::Maximum,
                other => panic!("{name}: the statistic {other:?}"),
            },
            threshold: alarm["Threshold"].as_f64().unwrap(),
            evaluation_periods,
            datapoints_to_alarm: count("DatapointsToAlarm").unwrap_or(evaluation_periods),
            filters,
        }
    }

    /// Returns whether the alarm rings after these periods, each with the lines that the function logged in it.
    pub fn rings(&self, function: &str, periods: &[&[Value]]) -> bool {
        let first = periods.len().saturating_sub(self.evaluation_periods);
        let values = periods[first..].iter().filter_map(|lines| self.value(function, lines));
        values.filter(|value| *value > self.threshold).count() >= self.datapoints_to_alarm
    }

    /// Returns the statistic of a period; `None` if no line is counted.
    pub fn value(&self, function: &str, lines: &[Value]) -> Option<f64> {
        let filters = self.filters.iter().filter(|filter| filter.function == function);
        let values = filters.flat_map(|filter| lines.iter().filter_map(|line| filter.value(line)));
        values.reduce(|one, other| match self.statistic {
            Statistic::Sum => one + other,
            Statistic::Maximum => one.max(other),
        })
    }
}

impl MetricFilter {
    fn read(template: &Yaml, filter: &Yaml, metric: &Yaml) -> Self {
        let group = referenced(&filter["LogGroupName"]);
        let resources = template["Resources"].as_mapping().unwrap();
        let mut functions = resources.values().filter(|resource| {
            let logs_to = &resource["Properties"]["LoggingConfig"]["LogGroup"];
            resource["Type"] == "AWS::Serverless::Function" && referenced(logs_to) == group
        });
        let function = functions.next().unwrap_or_else(|| panic!("no function logs to {group}"));
        let value = metric["MetricValue"].as_str().unwrap();
        Self {
            function: function["Metadata"]["BuildProperties"]["Binary"]
                .as_str()
                .unwrap()
                .to_owned(),
            pattern: FilterPattern::parse(filter["FilterPattern"].as_str().unwrap()),
            value: match value.strip_prefix("$.") {
                Some(field) => MetricValue::Field(field.to_owned()),
                None => MetricValue::Constant(value.parse().unwrap()),
            },
        }
    }

    /// Returns the value that CloudWatch records for a line, if any.
    fn value(&self, line: &Value) -> Option<f64> {
        if !self.pattern.matches(line) {
            return None;
        }
        match &self.value {
            MetricValue::Constant(value) => Some(*value),
            MetricValue::Field(field) => line[field].as_f64(),
        }
    }
}

impl FilterPattern {
    /// Parses a pattern such as `{ $.message = "request" && $.status >= 500 }`.
    ///
    /// # Panics
    /// If it has something that the patterns of this project do not have.
    pub fn parse(pattern: &str) -> Self {
        let inner = pattern.strip_prefix("{ ").and_then(|pattern| pattern.strip_suffix(" }"));
        let inner = inner.unwrap_or_else(|| panic!("{pattern}"));
        let alternatives = inner.split(" || ");
        Self(
            alternatives
                .map(|all| all.split(" && ").map(FieldCondition::parse).collect())
                .collect(),
        )
    }

    /// Returns whether a line matches.
    pub fn matches(&self, line: &Value) -> bool {
        self.0
            .iter()
            .any(|all| all.iter().all(|condition| condition.holds(&line[&condition.field])))
    }
}

impl FieldCondition {
    fn parse(text: &str) -> Self {
        let parts: Vec<_> = text.splitn(3, ' ').collect();
        let [field, operator, value] = parts[..] else { panic!("{text}") };
        let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        let requirement = match (operator, quoted) {
            ("=", None) if value == "*" => Requirement::Present,
            ("=", Some(quoted)) => match quoted.strip_suffix('*') {
                Some(prefix) => Requirement::Prefix(prefix.to_owned()),
                None => Requirement::Text(quoted.to_owned()),
            },
            (">=", None) => Requirement::AtLeast(value.parse().unwrap()),
            (">", None) => Requirement::MoreThan(value.parse().unwrap()),
            other => panic!("{text}: {other:?}"),
        };
        Self { field: field.strip_prefix("$.").unwrap().to_owned(), requirement }
    }

    fn holds(&self, value: &Value) -> bool {
        let (text, number) = (value.as_str(), value.as_f64());
        match &self.requirement {
            Requirement::Present => !value.is_null(),
            Requirement::Text(expected) => text == Some(expected.as_str()),
            Requirement::Prefix(prefix) => {
                text.is_some_and(|text| text.starts_with(prefix.as_str()))
            }
            Requirement::AtLeast(least) => number.is_some_and(|number| number >= *least),
            Requirement::MoreThan(limit) => number.is_some_and(|number| number > *limit),
        }
    }
}
