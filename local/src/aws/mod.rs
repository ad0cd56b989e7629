//! The embedded AWS services, and the SDK settings with which ordinary clients find them.

mod database;
mod dynamodb;
mod in_process;
mod outbox;
mod request_shapes;
mod s3;
mod secrets_manager;
mod services;
mod ses;
mod sqs;
mod table;

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use axum::Router;
use dynoxide::Database;
use shared::aws::{retry_config, timeout_config};
use tokio::net::TcpListener;

use crate::StartError;
use crate::server::Server;
use crate::stream::DeadLetters;
use in_process::{InProcessClient, Service};
use services::Services;

pub(crate) use outbox::Outbox;
pub use request_shapes::RequestShapes;
pub(crate) use s3::{S3, create_bucket};
pub(crate) use secrets_manager::{ProvidedSecrets, StoredSecret, StripeSecret, store_secret};
pub(crate) use sqs::DEAD_LETTERS_URL;
pub(crate) use table::{delete_table, ensure_table};

/// The AWS region of the embedded services.
pub(crate) const REGION: &str = "us-east-1";

/// The credentials of the clients. S3 verifies signatures with them. The other services accept any
/// signature.
const ACCESS_KEY: &str = "local";
const SECRET_KEY: &str = "local";

/// The host of the embedded DynamoDB, which exists only inside the SDK's HTTP client. `.internal` is
/// reserved for private use.
const DYNAMODB_HOST: &str = "dynamodb.local.internal";

/// The host of the embedded SES, SQS and Secrets Manager, which exists only inside the SDK's HTTP client.
const SERVICES_HOST: &str = "services.local.internal";

/// The embedded services, running.
pub(crate) struct Embedded {
    /// Settings with which the SDK's clients find the services.
    pub(crate) sdk: SdkConfig,
    /// The embedded engine; `None` with an external DynamoDB.
    pub(crate) database: Option<Database>,
    pub(crate) servers: Vec<Server>,
}

/// URLs of services outside the stack that replace embedded ones.
pub(crate) struct ExternalServices {
    pub(crate) dynamodb_url: Option<String>,
    pub(crate) ses_url: Option<String>,
    pub(crate) s3_url: Option<String>,
}

/// Starts Secrets Manager, an SQS with one dead-letter queue, and each of DynamoDB, SES and S3 that is not
/// external.
///
/// SES delivers mail from `sender` to the outbox. DynamoDB keeps its data in `table_file`, or in memory
/// without one.
#[expect(clippy::too_many_arguments, reason = "a parameters type would have this one caller")]
pub(crate) async fn start(
    external: ExternalServices,
    table_file: Option<PathBuf>,
    sender: &str,
    outbox: Arc<Outbox>,
    s3: S3,
    dead_letters: Arc<DeadLetters>,
    request_shapes: Option<RequestShapes>,
) -> Result<Embedded, StartError> {
    let mut in_process = HashMap::new();
    let mut servers = Vec::new();
    let services = Services::new(sender, outbox, dead_letters).router();
    in_process.insert(SERVICES_HOST.to_owned(), Service::Router(services));
    let services_url = format!("http://{SERVICES_HOST}");
    let (dynamodb, timeouts, database) = match external.dynamodb_url {
        Some(url) => (url, dynamodb_local_timeouts(), None),
        None => {
            let database = database::open(table_file)?;
            in_process.insert(DYNAMODB_HOST.to_owned(), Service::DynamoDb(database.clone()));
            (format!("http://{DYNAMODB_HOST}"), timeout_config(), Some(database))
        }
    };
    let s3 = match external.s3_url {
        Some(url) => url,
        None => {
            // Browsers follow presigned URLs, so S3 listens on a port as well.
            let router = s3.router()?;
            let (server, authority) = serve(router.clone(), "S3").await?;
            servers.push(server);
            let url = format!("http://{authority}");
            in_process.insert(authority, Service::Router(router));
            url
        }
    };
    let ses = external.ses_url.unwrap_or_else(|| services_url.clone());
    let endpoints = Endpoints { dynamodb, ses, s3, others: services_url };
    let sdk = sdk_config(endpoints, timeouts, InProcessClient::new(in_process, request_shapes));
    Ok(Embedded { sdk, database, servers })
}

/// The endpoint URLs of DynamoDB, SES, S3 and all other services.
#[derive(Clone, Debug)]
struct Endpoints {
    dynamodb: String,
    ses: String,
    s3: String,
    others: String,
}

impl LoadServiceConfig for Endpoints {
    /// Says what `AWS_ENDPOINT_URL_<SERVICE>` would; not through the environment, so that several
    /// stacks can run in one process.
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if key.env() != "AWS_ENDPOINT_URL" {
            return None;
        }
        Some(match key.service_id() {
            "DynamoDB" | "DynamoDB Streams" => self.dynamodb.clone(),
            "SES" => self.ses.clone(),
            "S3" => self.s3.clone(),
            _ => self.others.clone(),
        })
    }
}

/// Returns longer timeouts for DynamoDB Local, which takes seconds for hundreds of concurrent requests
/// where DynamoDB takes milliseconds.
fn dynamodb_local_timeouts() -> TimeoutConfig {
    let timeout = Duration::from_secs(9);
    TimeoutConfig::builder().operation_attempt_timeout(timeout).operation_timeout(timeout).build()
}

/// Returns settings for the SDK's clients, which ignore the machine's own AWS settings.
fn sdk_config(
    endpoints: Endpoints,
    timeouts: TimeoutConfig,
    http_client: InProcessClient,
) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retry_config())
        .timeout_config(timeouts)
        .service_config(endpoints)
        .http_client(http_client)
        .build()
}

/// Serves a router on a free loopback port, and returns the host and port.
async fn serve(router: Router, name: &'static str) -> Result<(Server, String), StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.map_err(StartError::Listen)?;
    let address = listener.local_addr().map_err(StartError::Listen)?;
    let server = Server::spawn(|stop| async move {
        let serve = axum::serve(listener, router).with_graceful_shutdown(stop.wait());
        if let Err(error) = serve.await {
            tracing::error!(cause = ?error, name, "an embedded service stopped");
        }
    });
    Ok((server, address.to_string()))
}
