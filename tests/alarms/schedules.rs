//! The alarms on schedules watch the rules of the worker's schedules.

use serde_norway::Value as Yaml;
use tests::template::template;
use tests::time::{DAY, HOUR};

/// The schedules of the worker with the alarms that ring when a run is missing.
const SCHEDULES: [(&str, &str); 3] = [
    ("Hourly", "HourlyScheduleAlarm"),
    ("Daily", "DailyScheduleAlarm"),
    ("Billing", "BillingScheduleAlarm"),
];

/// Returns the seconds between two runs, from a rate such as `rate(1 hour)`.
fn interval(rate: &str) -> u64 {
    match rate {
        "rate(1 hour)" => HOUR,
        "rate(1 day)" => DAY,
        other => panic!("the rate {other}"),
    }
}

/// SAM names the rule of an event after the function and the event. EventBridge counts each run of a rule.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html>
#[test]
fn each_schedule_has_an_alarm_that_rings_without_runs() {
    let template = template();
    let events = &template["Resources"]["WorkerFunction"]["Properties"]["Events"];
    let schedules = events.as_mapping().unwrap().values().filter(|e| e["Type"] == "Schedule");
    assert_eq!(schedules.count(), SCHEDULES.len());
    for (event, alarm) in SCHEDULES {
        let rate = events[event]["Properties"]["Schedule"].as_str().unwrap();
        let alarm_properties = &template["Resources"][alarm]["Properties"];
        let dimension = &alarm_properties["Dimensions"][0];
        assert_eq!(dimension["Name"], "RuleName", "{alarm}");
        let Yaml::Tagged(rule) = &dimension["Value"] else { panic!("{alarm}: no !Ref") };
        assert_eq!(rule.value, format!("WorkerFunction{event}"), "{alarm}");
        assert_eq!(alarm_properties["MetricName"], "Invocations", "{alarm}");
        // Without a run there is no data.
        assert_eq!(alarm_properties["TreatMissingData"], "breaching", "{alarm}");
        assert_eq!(alarm_properties["ComparisonOperator"], "LessThanThreshold", "{alarm}");
        assert_eq!(alarm_properties["Threshold"], 1, "{alarm}");
        let number = |name: &str| alarm_properties[name].as_u64().unwrap();
        let window = number("Period") * number("EvaluationPeriods");
        // A run may be late by an hour, and not by more than two.
        let interval = interval(rate);
        let is_sound = interval + HOUR <= window && window <= interval + 2 * HOUR;
        assert!(is_sound, "{alarm}: {window} s");
    }
}
