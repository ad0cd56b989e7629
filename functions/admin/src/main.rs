//! The Lambda function `admin`.

use admin::answer;
use lambda_runtime::{LambdaEvent, service_fn};
use shared::aws::sdk_config;
use shared::cause::caused_by;
use shared::context::Context;
use shared::https::HttpsClient;
use tracing::Instrument;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::telemetry::init();
    let https = HttpsClient::default();
    let sdk = sdk_config(https.clone()).await;
    let ctx = Context::from_environment(&https, &sdk).await?;
    let handle = async |invocation: LambdaEvent<serde_json::Value>| {
        // The level of an error, so that the span exists at every `LogLevel`.
        let span = tracing::error_span!("invocation", request_id = invocation.context.request_id);
        let answer = answer(&ctx, invocation.payload);
        let answer = caused_by(Some(invocation.context.request_id), answer).instrument(span).await;
        Ok::<_, lambda_runtime::Error>(answer)
    };
    lambda_runtime::run(service_fn(handle)).await
}
