//! An update of the stack neither replaces nor regenerates what holds data, and always publishes versions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use serde_norway::Value;
use tests::template::template_resources;

/// Types of resources that hold data.
const DATA: [&str; 3] = ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"];

/// Descriptions of the secrets that AWS generates. Each is followed by the stack's name and a fixed sentence.
const GENERATED: [(&str, &str); 4] = [
    ("AccountSecret", "Account keys"),
    ("SessionSecret", "Session keys"),
    ("SigningSecret", "Signing keys of access tokens"),
    ("StorageSecret", "Storage keys"),
];

/// Returns the resources of some types by name.
fn resources(types: &[&str]) -> BTreeMap<String, Value> {
    let resources = template_resources().into_iter();
    let named = resources.map(|(name, resource)| (name.as_str().unwrap().to_owned(), resource));
    named.filter(|(_, resource)| types.contains(&resource["Type"].as_str().unwrap())).collect()
}

/// Returns the names of the resources for which the stack policy denies all of these actions.
fn denied(actions: &[&str]) -> BTreeSet<String> {
    let policy: serde_json::Value =
        serde_json::from_str(include_str!("../../ops/stack-policy.json")).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let denying = statements.filter(|statement| {
        let denied = &statement["Action"];
        let all = actions.iter().all(|action| {
            *denied == "Update:*" || denied.as_array().is_some_and(|d| d.contains(&json!(action)))
        });
        statement["Effect"] == "Deny" && all
    });
    let names = denying.flat_map(|statement| statement["Resource"].as_array().unwrap());
    names
        .map(|name| name.as_str().unwrap().strip_prefix("LogicalResourceId/").unwrap().to_owned())
        .collect()
}

#[test]
fn what_holds_data_is_neither_replaced_nor_deleted() {
    let data = resources(&DATA);
    for (name, resource) in &data {
        assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
        let on_deletion = resource["DeletionPolicy"].as_str().unwrap();
        // The table is protected, so a creation that fails could not delete it.
        let is_table = resource["Type"] == "AWS::DynamoDB::Table";
        let expected = if is_table { "Retain" } else { "RetainExceptOnCreate" };
        assert_eq!(on_deletion, expected, "{name}");
    }
    let names: BTreeSet<_> = data.into_keys().collect();
    assert_eq!(denied(&["Update:Replace", "Update:Delete"]), names);
}

/// `CloudFormation` generates a new value if a property of such a secret changes. All sessions would end, and stored
/// values would be unreadable. So this test fails on every change.
#[test]
fn generated_secrets_never_change() {
    let mut generated = resources(&["AWS::SecretsManager::Secret"]);
    generated.retain(|_, secret| !secret["Properties"]["GenerateSecretString"].is_null());
    let names: Vec<_> = generated.keys().map(String::as_str).collect();
    assert_eq!(names, GENERATED.map(|(name, _)| name));
    assert_eq!(denied(&["Update:Modify"]), generated.keys().cloned().collect());
    for (name, description) in GENERATED {
        let properties = generated[name]["Properties"].as_mapping().unwrap();
        assert_eq!(properties.len(), 2, "{name}");
        let Value::Tagged(text) = &properties["Description"] else { panic!("no !Sub") };
        let expected = format!(
            "{description} of ${{AWS::StackName}}. docs/DEPLOY.md describes how to rotate them."
        );
        assert_eq!(text.value, expected.as_str(), "{name}");
        let settings = serde_json::to_value(&properties["GenerateSecretString"]).unwrap();
        let expected = json!({
            "SecretStringTemplate": "{}", "GenerateStringKey": "seed", "PasswordLength": 64,
            "ExcludePunctuation": true,
        });
        assert_eq!(settings, expected, "{name}");
    }
}

/// SAM derives a version's name from this property alone. Without it, the alias would stay at the former version when
/// only a parameter has changed.
#[test]
fn each_deployment_publishes_each_function() {
    for (name, function) in resources(&["AWS::Serverless::Function"]) {
        let Value::Tagged(release) = &function["Properties"]["AutoPublishCodeSha256"] else {
            panic!("{name} has no !Ref")
        };
        assert_eq!(release.value, "Release", "{name}");
    }
    // Only `ops/deploy` replaces the value that the parameter's pattern refuses.
    let samconfig = include_str!("../../samconfig.toml");
    let placeholder = "Release=set-by-ops/deploy";
    assert!(include_str!("../../ops/deploy").contains(placeholder));
    for environment in ["dev", "staging", "prod"] {
        let section = format!("\n[{environment}.global.parameters]\n");
        let (_, rest) = samconfig.split_once(&section).unwrap();
        assert!(rest.split("\n[").next().unwrap().contains(placeholder), "{environment}");
        for command in ["build", "deploy"] {
            assert!(samconfig.contains(&format!("\n[{environment}.{command}.parameters]\n")));
        }
    }
}
