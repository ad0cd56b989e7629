//! The Lambda function `webhooks`.

use shared::aws::sdk_config;
use shared::context::Context;
use shared::https::HttpsClient;
use shared::stripe::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let https = HttpsClient::default();
    let sdk = sdk_config(https.clone()).await;
    let context = Context::from_environment(&https, &sdk).await?;
    let routes = webhooks::routes(Stripe::from_environment(https)?);
    lambda_http::run(shared::http::create_service(routes, context)).await
}
