//! The Lambda function `worker`.

use lambda_runtime::{LambdaEvent, service_fn};
use worker::Worker;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    shared::telemetry::init();
    let worker = Worker::from_environment().await?;
    let handle = async |event: LambdaEvent<_>| {
        Ok::<_, lambda_runtime::Error>(worker.handle(event.payload).await)
    };
    lambda_runtime::run(service_fn(handle)).await
}
