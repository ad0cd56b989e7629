//! The alarms of `template.yaml` notify a topic, have a runbook, and look at what the code logs.

use std::collections::BTreeSet;

use serde_norway::Value;
use tests::template::template_resources;

/// The metric filters on a `message` name its text, or the beginning of it with a `*`.
const LOGGED: [(&str, &str); 2] = [
    ("request", include_str!("../../shared/src/http/request_log.rs")),
    ("secrets not refreshed*", include_str!("../../shared/src/secrets/refresh.rs")),
];

/// Returns the names and properties of the resources of a type.
fn of_type(resource_type: &str) -> Vec<(String, Value)> {
    let resources = template_resources().into_iter();
    let found = resources.filter(|(_, resource)| resource["Type"] == resource_type);
    found
        .map(|(name, resource)| (name.as_str().unwrap().to_owned(), resource["Properties"].clone()))
        .collect()
}

/// Returns the name that a `!Ref` refers to.
fn referred(value: &Value) -> &str {
    let Value::Tagged(tagged) = value else { panic!("no !Ref: {value:?}") };
    tagged.value.as_str().unwrap()
}

#[test]
fn every_alarm_notifies_the_topic() {
    let alarms = of_type("AWS::CloudWatch::Alarm");
    assert!(alarms.len() > 15, "the alarms are found");
    for (name, alarm) in alarms {
        let actions = alarm["AlarmActions"].as_sequence().unwrap_or_else(|| panic!("{name}"));
        let topics: Vec<_> = actions.iter().map(referred).collect();
        assert_eq!(topics, ["AlarmTopic"], "{name}");
        let description = alarm["AlarmDescription"].as_str().unwrap();
        assert!(description.ends_with("docs/OPERATIONS.md says what to do."), "{name}");
    }
}

/// A runbook says what the alarm means, shows a command to run first, and says what to do.
#[test]
fn every_alarm_has_a_runbook() {
    let operations = include_str!("../../docs/OPERATIONS.md");
    let mut alarms: BTreeSet<String> =
        of_type("AWS::CloudWatch::Alarm").into_iter().map(|(name, _)| name).collect();
    alarms.extend(of_type("AWS::Budgets::Budget").into_iter().map(|(name, _)| name));
    let mut with_runbook = BTreeSet::new();
    for section in operations.split("\n### ").skip(1) {
        let (name, text) = section.split_once('\n').unwrap();
        let text = text.split("\n## ").next().unwrap();
        let positions = ["**Means.** ", "\n    ", "**Do.** "].map(|part| text.find(part));
        assert!(positions.iter().all(Option::is_some) && positions.is_sorted(), "{name}");
        assert!(with_runbook.insert(name.to_owned()), "{name} has two runbooks");
    }
    assert_eq!(with_runbook, alarms);
}

/// Each metric of the stack's own namespace that an alarm reads has a filter.
#[test]
fn every_own_metric_of_an_alarm_has_a_filter() {
    let mut metrics = BTreeSet::new();
    for (_, filter) in of_type("AWS::Logs::MetricFilter") {
        let name = filter["MetricTransformations"][0]["MetricName"].as_str().unwrap();
        metrics.insert(name.to_owned());
        let pattern = filter["FilterPattern"].as_str().unwrap();
        if let Some((_, message)) = pattern.split_once("$.message = \"") {
            let message = message.split('"').next().unwrap();
            let (_, source) = LOGGED.iter().find(|(logged, _)| *logged == message).unwrap();
            assert!(source.contains(&format!("\"{}", message.trim_end_matches('*'))), "{message}");
        }
    }
    let alarms = of_type("AWS::CloudWatch::Alarm");
    let own = alarms.iter().filter(|(_, alarm)| matches!(alarm["Namespace"], Value::Tagged(_)));
    let read: BTreeSet<_> =
        own.filter_map(|(_, alarm)| alarm["MetricName"].as_str()).map(str::to_owned).collect();
    assert_eq!(read, metrics);
}

/// Otherwise a function that nobody watches could fail.
#[test]
fn alarms_of_functions_and_secrets_cover_each_function() {
    let functions: BTreeSet<_> =
        of_type("AWS::Serverless::Function").into_iter().map(|(name, _)| name).collect();
    let alarms = of_type("AWS::CloudWatch::Alarm");
    for name in ["FunctionErrorsAlarm", "FunctionThrottlesAlarm"] {
        let (_, alarm) = alarms.iter().find(|(other, _)| other == name).unwrap();
        let metrics = alarm["Metrics"].as_sequence().unwrap();
        let read = metrics.iter().filter(|metric| !metric["MetricStat"].is_null());
        let read: BTreeSet<_> = read
            .map(|m| referred(&m["MetricStat"]["Metric"]["Dimensions"][0]["Value"]).to_owned())
            .collect();
        assert_eq!(read, functions, "{name}");
    }
    let filters = of_type("AWS::Logs::MetricFilter");
    let groups: BTreeSet<_> = filters
        .iter()
        .filter(|(name, _)| name.ends_with("SecretsNotRefreshed"))
        .map(|(_, filter)| referred(&filter["LogGroupName"]).replace("Logs", "Function"))
        .collect();
    assert_eq!(groups, functions);
}

/// The first widget of the dashboard shows the state of all alarms.
#[test]
fn the_dashboard_shows_every_alarm() {
    let [(_, dashboard)] = &of_type("AWS::CloudWatch::Dashboard")[..] else { panic!("not one") };
    let body: serde_json::Value =
        serde_json::from_str(referred(&dashboard["DashboardBody"])).unwrap();
    let shown = body["widgets"][0]["properties"]["alarms"].as_array().unwrap();
    let shown: BTreeSet<_> = shown.iter().map(|arn| arn.as_str().unwrap().to_owned()).collect();
    let alarms = of_type("AWS::CloudWatch::Alarm").into_iter();
    let expected: BTreeSet<_> = alarms.map(|(name, _)| format!("${{{name}.Arn}}")).collect();
    assert_eq!(shown, expected);
}
