//! Each alarm has a test, or is on a metric of AWS that no code of this project emits.
//!
//! Six of these tests cause the condition and evaluate the alarm, and one finds a message in the watched queue. Those
//! of the two queues of work show which messages get there. The other four read the template only.

use std::collections::BTreeSet;
use std::path::Path;

use serde_norway::Value;
use tests::template::{cdn_template, template};

/// The tests of alarms, with their files.
const TESTS: [(&str, &str, &str); 13] = [
    ("WorkerErrorsAlarm", "tests/alarms/worker.rs", "an_outage_of_the_table_rings_worker_errors"),
    ("ScheduleBacklogAlarm", "tests/alarms/worker.rs", "an_overdue_erasure_rings_schedule_backlog"),
    (
        "UnprocessedEventsAlarm",
        "tests/alarms/worker.rs",
        "a_webhook_that_never_came_rings_unprocessed_events",
    ),
    (
        "LedgerMismatchAlarm",
        "tests/alarms/worker.rs",
        "a_wrong_ledger_or_payment_rings_ledger_mismatch",
    ),
    ("WebhookFailuresAlarm", "tests/alarms/requests.rs", "refused_webhooks_ring_webhook_failures"),
    (
        "SecretsNotRefreshedAlarm",
        "tests/alarms/requests.rs",
        "an_unreadable_secret_rings_secrets_not_refreshed",
    ),
    ("CodeMailAgeAlarm", "tests/alarms/queues.rs", "mails_with_a_code_are_in_the_watched_queue"),
    ("WorkAgeAlarm", "tests/alarms/queues.rs", "all_other_work_is_in_the_watched_queue"),
    (
        "WorkDeadLettersAlarm",
        "tests/alarms/queues.rs",
        "the_queues_of_the_worker_give_up_to_the_watched_queue",
    ),
    (
        "WorkerDeadLettersAlarm",
        "tests/alarms/queues.rs",
        "an_unreadable_row_is_in_the_watched_queue",
    ),
    (
        "HourlyScheduleAlarm",
        "tests/alarms/schedules.rs",
        "each_schedule_has_an_alarm_that_rings_without_runs",
    ),
    (
        "DailyScheduleAlarm",
        "tests/alarms/schedules.rs",
        "each_schedule_has_an_alarm_that_rings_without_runs",
    ),
    (
        "BillingScheduleAlarm",
        "tests/alarms/schedules.rs",
        "each_schedule_has_an_alarm_that_rings_without_runs",
    ),
];

/// Metrics of AWS, with their dimension, or without one if they are of the whole account. The messages of the queues
/// and the runs of the schedules depend on the code, so their alarms need a test as well.
const AWS_METRICS: [AwsMetrics; 7] = [
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    AwsMetrics::of("AWS/ApiGateway", &["5xx", "Count", "Latency"], Some("ApiId")),
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    AwsMetrics::of(
        "AWS/DynamoDB",
        &["ReadThrottleEvents", "TransactionConflict", "WriteThrottleEvents"],
        Some("TableName"),
    ),
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    AwsMetrics::of(
        "AWS/Lambda",
        &["Duration", "Errors", "IteratorAge", "Throttles"],
        Some("FunctionName"),
    ),
    AwsMetrics::of("AWS/Lambda", &["ConcurrentExecutions"], None),
    // https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
    AwsMetrics::of("AWS/SES", &["Reputation.BounceRate", "Reputation.ComplaintRate"], None),
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    AwsMetrics {
        needs_test: true,
        ..AwsMetrics::of("AWS/Events", &["Invocations"], Some("RuleName"))
    },
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    AwsMetrics {
        needs_test: true,
        ..AwsMetrics::of(
            "AWS/SQS",
            &["ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"],
            Some("QueueName"),
        )
    },
];

/// Metrics that AWS emits.
struct AwsMetrics {
    namespace: &'static str,
    names: &'static [&'static str],
    dimension: Option<&'static str>,
    /// Whether an alarm on one of them needs a test.
    needs_test: bool,
}

impl AwsMetrics {
    const fn of(
        namespace: &'static str,
        names: &'static [&'static str],
        dimension: Option<&'static str>,
    ) -> Self {
        Self { namespace, names, dimension, needs_test: false }
    }

    /// Returns whether this is one of the metrics.
    fn include(&self, metric: &Value) -> bool {
        let dimensions = metric["Dimensions"].as_sequence().into_iter().flatten();
        let dimensions: Vec<_> = dimensions.map(|d| d["Name"].as_str().unwrap()).collect();
        metric["Namespace"] == self.namespace
            && self.names.iter().any(|name| metric["MetricName"] == *name)
            && dimensions.into_iter().eq(self.dimension)
    }
}

/// Returns the resources of both templates.
fn resources() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for template in [template(), cdn_template()] {
        let resources = template["Resources"].as_mapping().unwrap();
        all.extend(resources.iter().map(|(n, r)| (n.as_str().unwrap().to_owned(), r.clone())));
    }
    all
}

/// Returns the alarms with the metrics that they read.
fn alarms() -> Vec<(String, Vec<Value>)> {
    let alarms = resources().into_iter().filter(|(_, r)| r["Type"] == "AWS::CloudWatch::Alarm");
    let alarms: Vec<_> = alarms
        .map(|(name, alarm)| {
            let alarm = &alarm["Properties"];
            let metrics = match alarm["Metrics"].as_sequence() {
                Some(queries) => {
                    let read = queries.iter().map(|query| query["MetricStat"]["Metric"].clone());
                    read.filter(|metric| !metric.is_null()).collect()
                }
                None => vec![alarm.clone()],
            };
            assert!(!metrics.is_empty(), "{name} reads no metric");
            (name, metrics)
        })
        .collect();
    assert!(alarms.len() > 20, "the alarms are found");
    alarms
}

#[test]
fn every_alarm_has_a_test_or_is_on_a_metric_of_aws() {
    let tested: BTreeSet<_> = TESTS.iter().map(|(alarm, _, _)| *alarm).collect();
    assert_eq!(tested.len(), TESTS.len(), "an alarm is listed twice");
    for (alarm, metrics) in alarms() {
        let needs_test = metrics.iter().any(|metric| {
            let of_aws = AWS_METRICS.iter().find(|metrics| metrics.include(metric));
            of_aws.is_none_or(|metrics| metrics.needs_test)
        });
        assert_eq!(tested.contains(&*alarm), needs_test, "{alarm}: {metrics:?}");
    }
    let names: BTreeSet<_> = alarms().into_iter().map(|(name, _)| name).collect();
    for alarm in tested {
        assert!(names.contains(alarm), "there is no {alarm}");
    }
}

/// A test that is renamed, is ignored or no longer reads its alarm is missed here.
#[test]
fn the_tests_of_alarms_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let modules = include_str!("../end_to_end.rs").split_once("\nmod alarms {\n");
    let (modules, _) = modules.unwrap().1.split_once("\n}\n").unwrap();
    for (alarm, file, test) in TESTS {
        let source = std::fs::read_to_string(root.join(file)).unwrap();
        let before = source.split(&format!("fn {test}(")).next().unwrap();
        assert!(before.len() < source.len(), "{alarm}: no {test}");
        let attributes = before.rsplit_once("\n}\n").map_or(before, |(_, attributes)| attributes);
        let attributes: Vec<_> = attributes.lines().filter(|line| line.starts_with("#[")).collect();
        assert!(matches!(attributes[..], ["#[test]" | "#[tokio::test]"]), "{test} does not run");
        assert!(source.contains(&format!("\"{alarm}\"")), "{file} does not read {alarm}");
        let module = Path::new(file).file_stem().unwrap().to_str().unwrap();
        let is_built = modules.lines().any(|line| line.trim() == format!("mod {module};"));
        assert!(is_built, "{file} is not built");
    }
}

/// A dimension names a resource of this stack, of the type that has the metric.
#[test]
fn the_dimensions_of_alarms_name_resources() {
    let resources = resources();
    for (alarm, metrics) in alarms() {
        for metric in &metrics {
            for dimension in metric["Dimensions"].as_sequence().into_iter().flatten() {
                let Value::Tagged(value) = &dimension["Value"] else { panic!("{alarm}") };
                let reference = value.value.as_str().unwrap();
                let (tag, resource_type) = match dimension["Name"].as_str().unwrap() {
                    "ApiId" => ("!Ref", "AWS::Serverless::HttpApi"),
                    "FunctionName" => ("!Ref", "AWS::Serverless::Function"),
                    "TableName" => ("!Ref", "AWS::DynamoDB::Table"),
                    "QueueName" => ("!GetAtt", "AWS::SQS::Queue"),
                    // `each_schedule_has_an_alarm_that_rings_without_runs` checks these.
                    "RuleName" => continue,
                    other => panic!("{alarm}: {other}"),
                };
                assert_eq!(value.tag.to_string(), tag, "{alarm}");
                let name = reference.strip_suffix(".QueueName").unwrap_or(reference);
                assert_eq!(name == reference, tag == "!Ref", "{alarm}: {reference}");
                let resource = resources.iter().find(|(other, _)| other == name);
                let (_, resource) = resource.unwrap_or_else(|| panic!("{alarm}: no {name}"));
                assert_eq!(resource["Type"], resource_type, "{alarm}");
            }
        }
    }
}
