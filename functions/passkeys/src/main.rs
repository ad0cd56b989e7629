//! The entry point of the Lambda function `passkeys`.

use shared::context::Context;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let context = Context::from_environment().await?;
    lambda_http::run(shared::http::create_service(passkeys::routes(), context)).await
}
