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
