//! The Lambda function `worker`.

use lambda_runtime::{LambdaEvent, service_fn};
use worker::Worker;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::telemetry::init();
    let worker = Worker::from_environment().await?;
    let handle = async |invocation: LambdaEvent<_>| {
        worker.handle(invocation).await.map_err(lambda_runtime::Error::from)
    };
    lambda_runtime::run(service_fn(handle)).await
}
