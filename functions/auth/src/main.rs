//! The Lambda function `auth`.

use shared::context::Context;
use shared::google::Provider;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let context = Context::from_environment().await?;
    let routes = auth::routes(Provider::from_environment());
    lambda_http::run(shared::http::service(routes, context)).await
}
