//! Each function reads only the secrets that it needs: its role allows no others, and the local stack gives it no
//! other keys, so that every test shows that they are enough.

use std::collections::BTreeSet;

use serde_norway::Value;
use tests::template::template;

/// The secrets that each function reads.
const SECRETS: [(&str, &[&str]); 10] = [
    ("admin", &["ACCOUNT", "STORAGE"]),
    ("auth", &["ACCOUNT", "GOOGLE", "SESSION", "STORAGE"]),
    ("billing", &["SESSION", "STORAGE", "STRIPE"]),
    ("clients", &["ACCOUNT", "SESSION", "STORAGE"]),
    // Its pages call the operations of all other functions.
    ("dashboard", &["ACCOUNT", "GOOGLE", "SESSION", "STORAGE", "STRIPE"]),
    ("passkeys", &["SESSION", "STORAGE"]),
    ("projects", &["SESSION", "STORAGE"]),
    ("tokens", &["SESSION", "SIGNING", "STORAGE"]),
    ("webhooks", &["STORAGE", "STRIPE"]),
    ("worker", &["STORAGE", "STRIPE"]),
];

/// Returns the name that a `!Ref` names, in the form of [`SECRETS`].
fn secret_name(reference: &Value) -> String {
    let Value::Tagged(reference) = reference else { panic!("no !Ref: {reference:?}") };
    assert_eq!(reference.tag.to_string(), "!Ref");
    let name = reference.value.as_str().unwrap();
    name.strip_suffix("Secret").unwrap_or_else(|| panic!("{name}")).to_uppercase()
}

/// Lists the secrets that a role may read.
fn readable(function: &Value) -> BTreeSet<String> {
    let policies = function["Properties"]["Policies"].as_sequence().into_iter().flatten();
    let statements = policies.flat_map(|policy| policy["Statement"].as_sequence().unwrap());
    let about_secrets = statements.filter(|statement| {
        let actions = serde_norway::to_string(&statement["Action"]).unwrap();
        actions.contains("secretsmanager:")
    });
    // A call that reads several secrets returns only those that the role may read.
    about_secrets
        .filter(|statement| statement["Action"] != "secretsmanager:BatchGetSecretValue")
        .flat_map(|statement| {
            assert_eq!(statement["Action"], "secretsmanager:GetSecretValue");
            statement["Resource"].as_sequence().expect("a list of secrets").iter().map(secret_name)
        })
        .collect()
}

/// Lists the secrets that the environment of a function names.
fn named(variables: &Value) -> BTreeSet<String> {
    let variables = variables.as_mapping().into_iter().flatten();
    variables
        .filter_map(|(variable, reference)| {
            let name = variable.as_str().unwrap().strip_suffix("_SECRET_ID")?;
            assert_eq!(secret_name(reference), name);
            Some(name.to_owned())
        })
        .collect()
}

#[test]
fn one_secret_for_all_is_replaced_by_one_for_each_use() {
    let template = template();
    let common = named(&template["Globals"]["Function"]["Environment"]["Variables"]);
    assert_eq!(common, BTreeSet::from(["STORAGE".to_owned()]));
    let resources = template["Resources"].as_mapping().unwrap();
    let mut found = Vec::new();
    for function in resources.values().filter(|r| r["Type"] == "AWS::Serverless::Function") {
        let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap();
        let (_, expected) = SECRETS.iter().find(|(name, _)| *name == binary).expect(binary);
        let expected: BTreeSet<_> = expected.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(readable(function), expected, "{binary}");
        let own = named(&function["Properties"]["Environment"]["Variables"]);
        let mut with_common = own.clone();
        if !expected.is_empty() {
            with_common.extend(common.clone());
        }
        assert_eq!(with_common, expected, "{binary}");
        found.push(binary.to_owned());
    }
    found.sort_unstable();
    assert_eq!(found, SECRETS.map(|(name, _)| name));
}
