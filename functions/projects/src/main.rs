//! The entry point of the Lambda function `projects`.

use shared::aws::sdk_config;
use shared::blobs::BlobStore;
use shared::context::Context;
use shared::https::HttpsClient;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let https = HttpsClient::default();
    let sdk = sdk_config(https.clone()).await;
    let context = Context::from_environment(&https, &sdk).await?;
    let routes = projects::routes(BlobStore::from_environment(&sdk)?);
    lambda_http::run(shared::http::create_service(routes, context)).await
}
