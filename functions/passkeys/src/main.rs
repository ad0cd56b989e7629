//! The entry point of the Lambda function `passkeys`.

use shared::aws::sdk_config;
use shared::context::Context;
use shared::https::HttpsClient;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let https = HttpsClient::default();
    let sdk = sdk_config(https.clone()).await;
    let context = Context::from_environment(&https, &sdk).await?;
    lambda_http::run(shared::http::create_service(passkeys::routes(), context)).await
}
