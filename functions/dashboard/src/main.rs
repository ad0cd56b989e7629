//! The Lambda function `dashboard`.

use std::sync::Arc;

use dashboard::Services;
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::google::OpenIdProvider;
use shared::slack::SlackClient;
use shared::stripe::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let context = Context::from_environment().await?;
    let services = Services {
        stripe: Stripe::from_environment()?,
        blobs: BlobStore::from_environment().await?,
        google: Arc::new(OpenIdProvider::from_environment()),
        slack: Arc::new(SlackClient::from_environment()?),
    };
    let routes = dashboard::routes(&context, services);
    lambda_http::run(shared::http::create_service(routes, context)).await
}
