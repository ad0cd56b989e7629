//! The Lambda function `tokens`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    shared::telemetry::init();
    let (routes, _) = tokens::router().split_for_parts();
    lambda_http::run(shared::http::service(routes, ())).await
}
