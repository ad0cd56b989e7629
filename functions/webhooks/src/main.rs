//! The Lambda function `webhooks`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let (routes, _) = webhooks::router().split_for_parts();
    lambda_http::run(shared::http::service(routes, ())).await
}
