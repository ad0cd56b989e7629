//! The Lambda function `dashboard`.

use std::sync::Arc;

use dashboard::Services;
use shared::aws::sdk_config;
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::google::OpenIdProvider;
use shared::https::HttpsClient;
use shared::slack::SlackClient;
use shared::stripe::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let https = HttpsClient::default();
    let sdk = sdk_config(https.clone()).await;
    let context = Context::from_environment(&https, &sdk).await?;
    let services = Services {
        stripe: Stripe::from_environment(https.clone())?,
        blobs: BlobStore::from_environment(&sdk)?,
        google: Arc::new(OpenIdProvider::from_environment(https.clone())),
        slack: Arc::new(SlackClient::from_environment(https)?),
    };
    let routes = dashboard::routes(&context, services);
    lambda_http::run(shared::http::create_service(routes, context)).await
}
