//! Tests of the port on which the AWS services of a stack answer other programs.

#![allow(clippy::unwrap_used)] // a test says so by failing

use local::{Stack, StackOptions};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

async fn start() -> Stack {
    Stack::start(StackOptions { aws_port: Some(0), ..StackOptions::default() }).await.unwrap()
}

async fn call(stack: &Stack, target: &str, body: Value) -> Value {
    let request = Client::new().post(stack.aws_url().unwrap()).header("x-amz-target", target);
    let response = request.json(&body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{target}");
    response.json().await.unwrap()
}

#[tokio::test]
async fn dynamodb_and_secrets_manager_answer_on_the_port() {
    let stack = start().await;
    let config = &stack.context().config;
    let table = json!({"TableName": config.table_name});
    let described = call(&stack, "DynamoDB_20120810.DescribeTable", table).await;
    assert_eq!(described["Table"]["TableName"], config.table_name);
    let secret = json!({"SecretId": config.secret_ids.storage});
    let secret = call(&stack, "secretsmanager.GetSecretValue", secret).await;
    assert!(secret["SecretString"].as_str().unwrap().contains("seed"));
    stack.stop().await;
}

#[tokio::test]
async fn pages_of_other_sites_do_not_reach_the_port() {
    let stack = start().await;
    let request = Client::new().post(stack.aws_url().unwrap()).header("host", "evil.example");
    let request = request.header("x-amz-target", "DynamoDB_20120810.ListTables").body("{}");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    stack.stop().await;
}

#[tokio::test]
async fn every_function_of_the_template_has_an_environment() {
    let stack = start().await;
    for function in local::function_binaries().unwrap() {
        let environment = stack.environment_of_function(function).unwrap();
        assert_eq!(environment["AWS_ENDPOINT_URL"], stack.aws_url().unwrap(), "{function}");
        assert!(environment.contains_key("STORAGE_SECRET_ID"), "{function}");
    }
    // Only the functions that take payments read Stripe's key.
    assert!(!stack.environment_of_function("auth").unwrap().contains_key("STRIPE_SECRET_ID"));
    assert!(stack.environment_of_function("other").is_err());
    stack.stop().await;
    let without_port = Stack::start(StackOptions::default()).await.unwrap();
    assert!(without_port.aws_url().is_none());
    assert!(without_port.environment_of_function("auth").is_err());
    without_port.stop().await;
}
