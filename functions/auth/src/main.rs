//! The Lambda function `auth`.

use shared::context::Context;
use shared::google::OpenIdProvider;
use shared::slack::SlackClient;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let context = Context::from_environment().await?;
    let routes = auth::routes(OpenIdProvider::from_environment(), SlackClient::from_environment()?);
    lambda_http::run(shared::http::create_service(routes, context)).await
}
