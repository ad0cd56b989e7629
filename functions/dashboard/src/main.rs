//! The Lambda function `dashboard`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    lambda_http::run(shared::http::create_service(dashboard::routes(), ())).await
}
