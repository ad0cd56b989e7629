//! A bare Lambda function: each request is one `GetItem`. Nothing that runs on Lambda and reads DynamoDB with the AWS
//! SDK for Rust starts or answers faster, so the other functions are measured beside it.

// It does not use the service's own configuration.
#![allow(clippy::disallowed_methods)]

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_http::{Body, Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let table = std::env::var("TABLE_NAME")?;
    let sdk = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = Client::new(&sdk);
    run(service_fn(async |_: Request| read(&client, &table).await)).await
}

async fn read(client: &Client, table: &str) -> Result<Response<Body>, Error> {
    let key = |text: &str| AttributeValue::S(text.to_owned());
    let item = client
        .get_item()
        .table_name(table)
        .key("pk", key("FLOOR"))
        .key("sk", key("META"))
        .consistent_read(true)
        .send()
        .await?;
    let item = item.item.ok_or("the bare function's item is missing")?;
    let body = format!(r#"{{"attributes":{}}}"#, item.len());
    Ok(Response::builder().header("content-type", "application/json").body(body.into())?)
}
