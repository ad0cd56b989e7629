//! The table and the bucket of `template.yaml`, and the rights of functions.

use serde_norway::Value;
use tests::template::template;

#[test]
fn the_table_has_the_required_settings() {
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap();
    let table = resources.values().find(|r| r["Type"] == "AWS::DynamoDB::Table").unwrap();
    let properties = &table["Properties"];
    assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(properties["TimeToLiveSpecification"]["AttributeName"], "ttl");
    assert_eq!(properties["StreamSpecification"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    assert_eq!(properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(properties["SSESpecification"]["SSEEnabled"], true);
    assert_eq!(properties["DeletionProtectionEnabled"], true);
    assert_eq!(table["DeletionPolicy"], "Retain");
    let keys: Vec<_> = properties["KeySchema"].as_sequence().unwrap().iter().collect();
    assert_eq!(
        (&keys[0]["AttributeName"], &keys[1]["AttributeName"]),
        (&"pk".into(), &"sk".into())
    );
}

/// The defaults are what AWS gives each new table, so only a deployment that sets other values is charged.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html>
#[test]
fn warm_throughput_is_optional() {
    let template = template();
    let condition = template["Resources"]["Table"]["Properties"]["WarmThroughput"].clone();
    let Value::Tagged(condition) = condition else { panic!("no !If: {condition:?}") };
    assert_eq!(condition.tag.to_string(), "!If");
    let [name, values, otherwise] = &condition.value.as_sequence().unwrap()[..] else { panic!() };
    assert_eq!(name, "HasWarmThroughput");
    assert!(!template["Conditions"]["HasWarmThroughput"].is_null());
    let reference = |value: &Value| {
        let Value::Tagged(reference) = value else { panic!("no !Ref: {value:?}") };
        assert!(reference.tag == "!Ref");
        reference.value.as_str().unwrap().to_owned()
    };
    assert_eq!(reference(otherwise), "AWS::NoValue");
    let limits: Value = serde_norway::from_str(include_str!("../../bench/limits.yaml")).unwrap();
    for (unit, kind) in [("ReadUnitsPerSecond", "reads"), ("WriteUnitsPerSecond", "writes")] {
        let parameter = &template["Parameters"][&*reference(&values[unit])];
        assert_eq!(parameter["Default"], parameter["MinValue"], "{unit}");
        let of_new_table = &limits["dynamodb"][&*format!("new_table_{kind}_per_s")];
        assert_eq!(&parameter["Default"], of_new_table, "{unit}");
    }
}

#[test]
fn the_bucket_is_private_and_outlives_the_stack() {
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap();
    for bucket in resources.values().filter(|r| r["Type"] == "AWS::S3::Bucket") {
        let properties = &bucket["Properties"];
        for access in
            ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
        {
            assert_eq!(properties["PublicAccessBlockConfiguration"][access], true, "{access}");
        }
    }
    let bucket = &resources["Content"];
    assert_eq!(bucket["DeletionPolicy"], "RetainExceptOnCreate");
    assert_eq!(bucket["UpdateReplacePolicy"], "Retain");
    let properties = &bucket["Properties"];
    let rules = properties["LifecycleConfiguration"]["Rules"].as_sequence().unwrap();
    let uploads = rules.iter().find(|rule| !rule["ExpirationInDays"].is_null()).unwrap();
    assert_eq!(uploads["Prefix"], shared::blobs::UPLOAD_PREFIX);
    // As long as the table can be restored, so that its files are there, too.
    assert_eq!(properties["VersioningConfiguration"]["Status"], "Enabled");
    let versions = rules.iter().find(|rule| rule["Prefix"].is_null()).unwrap();
    assert_eq!(versions["NoncurrentVersionExpiration"]["NoncurrentDays"], 35);
}

/// `tests/unused-rights` compares this list with the rights that all tests used.
#[test]
fn rights_are_listed_for_the_whole_run() {
    let rights = local::function_rights().unwrap();
    for right in [
        "AuthFunction dynamodb:GetItem",
        "AuthFunction USER#*",
        "AuthFunction secretsmanager:GetSecretValue GoogleSecret",
        "ProjectsFunction s3:GetObject Content/*",
        "ProjectsFunction s3:ListBucket Content",
        "WorkerFunction ses:SendEmail identity",
        "WorkerFunction sqs:SendMessage WorkerDeadLetters",
    ] {
        assert!(rights.iter().any(|listed| listed == right), "{right}");
    }
    if let Some((_, path)) = std::env::vars().find(|(name, _)| name == "FUNCTION_RIGHTS_FILE") {
        std::fs::write(path, rights.join("\n")).unwrap();
    }
}
