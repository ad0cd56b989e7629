//! Each function reaches only the partitions that it works with: its policy allows no others. The local stack enforces
//! the policies, so all tests run with them.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_norway::Value;
use tests::TestApp;
use tests::template::template;

/// The key formats, as the head of the file lists them.
const KEY_FORMATS: &str = include_str!("../../shared/src/keys.rs");

/// Returns the outcome of reading an item: the error's code, or `None`.
async fn read(client: &Client, table: &str, pk: &str) -> Option<String> {
    let [pk, sk] = [pk, "META"].map(|text| AttributeValue::S(text.to_owned()));
    let request = client.get_item().table_name(table).key("pk", pk).key("sk", sk);
    request.send().await.err().map(|error| error.code().unwrap().to_owned())
}

/// Returns the outcome of writing an item: the error's code, or `None`.
async fn write(client: &Client, table: &str, pk: &str) -> Option<String> {
    let [pk, sk] = [pk, "FORGED"].map(|text| AttributeValue::S(text.to_owned()));
    let request = client.put_item().table_name(table).item("pk", pk).item("sk", sk);
    request.send().await.err().map(|error| error.code().unwrap().to_owned())
}

#[tokio::test]
async fn foreign_partitions_are_refused_to_a_function() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let stack = app.stack();
    let table = stack.context().config.table_name.as_str();
    let client = |binary: &str| Client::new(&stack.sdk_of_function(binary).unwrap());
    let denied = Some("AccessDeniedException".to_owned());
    let account = format!("USER#{}", ada.id().await);
    let address = "EMAIL#ada@example.com";
    // A compromised `webhooks` function cannot read accounts or create sessions.
    let webhooks = client("webhooks");
    assert_eq!(read(&webhooks, table, "LEDGER#any").await, None);
    assert_eq!(write(&webhooks, table, "STRIPE#any").await, None);
    for pk in [address, "GOOGLE#any", "CODE#any", "IDEM#any", "PROJECT#any"] {
        assert_eq!(read(&webhooks, table, pk).await, denied, "{pk}");
    }
    for pk in [&account, address, "MAIL#any"] {
        assert_eq!(write(&webhooks, table, pk).await, denied, "{pk}");
    }
    // A function that reads accounts for their sessions reaches no address guards, failed attempts or mailboxes.
    let billing = client("billing");
    assert_eq!(read(&billing, table, &account).await, None);
    for pk in [address, "SIGNIN#any", "MAILBOX#any"] {
        assert_eq!(read(&billing, table, pk).await, denied, "{pk}");
        assert_eq!(write(&billing, table, pk).await, denied, "{pk}");
    }
    for function in ["passkeys", "projects", "tokens", "billing"] {
        assert_eq!(read(&client(function), table, "CODE#any").await, denied, "{function}");
        let expected = denied.clone().filter(|_| function != "projects");
        assert_eq!(write(&client(function), table, "PROJECT#any").await, expected, "{function}");
    }
    // Nothing of this has reached the account.
    assert!(app.items(&account, "FORGED").await.is_empty());
    ada.get("/v1/me").await.expect(200);
}

/// Returns the texts of a sequence.
fn texts(list: &Value) -> Vec<&str> {
    list.as_sequence().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// A partition that no pattern names is refused in tests, and a pattern that names none is a mistake.
#[test]
fn foreign_partitions_are_excluded_by_each_policy() {
    let template = template();
    let rows =
        KEY_FORMATS.lines().filter_map(|line| line.strip_prefix("//! | ")?.split(" | ").nth(1));
    let cells = rows.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let scopes = ["USER#", "CLIENT#"].into_iter();
    let formats: Vec<_> =
        cells.flat_map(|cell| scopes.clone().map(|scope| cell.replace("scope#", scope))).collect();
    assert!(
        formats.iter().any(|f| f == "USER#u") && formats.iter().any(|f| f == "SHELF#c"),
        "{formats:?}"
    );
    let resources = template["Resources"].as_mapping().unwrap();
    let mut restricted = 0;
    for function in resources.values().filter(|r| r["Type"] == "AWS::Serverless::Function") {
        let binary = function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap();
        let policies = function["Properties"]["Policies"].as_sequence().into_iter().flatten();
        let statements = policies.flat_map(|policy| policy["Statement"].as_sequence().unwrap());
        let (mut actions, mut statements_of_function) = (BTreeSet::new(), 0);
        for statement in statements {
            if !serde_norway::to_string(&statement["Action"]).unwrap().contains("dynamodb:") {
                continue;
            }
            for action in texts(&statement["Action"]) {
                // All keys of a request must match one statement.
                assert!(actions.insert(action), "{binary}: {action} is in two statements");
            }
            statements_of_function += 1;
            assert_eq!(statements_of_function, 1, "{binary}: a transaction may have all actions");
            let condition = &statement["Condition"];
            restricted += 1;
            // `ForAllValues` alone is true for a request without keys.
            assert_eq!(condition["Null"]["dynamodb:LeadingKeys"], "false", "{binary}");
            let patterns = &condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
            let patterns = texts(patterns);
            let distinct: BTreeSet<_> = patterns.iter().collect();
            assert_eq!(distinct.len(), patterns.len(), "{binary}");
            for pattern in patterns {
                let is_format = match pattern.strip_suffix('*') {
                    Some(prefix) if prefix.ends_with('#') => {
                        formats.iter().any(|format| format.starts_with(prefix))
                    }
                    Some(_) => false,
                    None => formats.iter().any(|format| format == pattern),
                };
                assert!(is_format, "{binary}: {pattern} is no key format of shared/src/keys.rs");
            }
        }
    }
    // Every function has rights at the table.
    assert_eq!(restricted, 10);
}
