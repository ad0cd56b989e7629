//! The Lambda function `webhooks`.

use shared::context::Context;
use shared::stripe::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let context = Context::from_environment().await?;
    let routes = webhooks::routes(Stripe::from_environment()?);
    lambda_http::run(shared::http::create_service(routes, context)).await
}
