//! The Lambda function `admin`.

use lambda_runtime::{LambdaEvent, service_fn};
use shared::aws::sdk_config;
use shared::context::Context;
use shared::https::HttpsClient;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::telemetry::init();
    let https = HttpsClient::default();
    let sdk = sdk_config(https.clone()).await;
    let ctx = Context::from_environment(&https, &sdk).await?;
    let handle = async |invocation: LambdaEvent<_>| {
        Ok::<_, lambda_runtime::Error>(admin::handle(&ctx, invocation).await)
    };
    lambda_runtime::run(service_fn(handle)).await
}
