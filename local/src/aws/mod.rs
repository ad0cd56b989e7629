//! What plays AWS, and the settings with which ordinary clients find it.

mod database;
mod outbox;
mod s3;
mod secrets_manager;
mod services;
mod ses;
mod sqs;
mod table;

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
use services::Services;

pub(crate) use outbox::Outbox;
pub(crate) use s3::{S3, make_bucket};
pub(crate) use secrets_manager::{Given, GivenAccount, Put, put_secret};
pub(crate) use sqs::DEAD_LETTERS_URL;
pub(crate) use table::{delete_table, ensure_table};

/// The region of everything here.
pub(crate) const REGION: &str = "us-east-1";

/// Who the clients are. S3 verifies what they sign; the others check that they sign, not as whom.
const ACCESS_KEY: &str = "local";
const SECRET_KEY: &str = "local";

/// What plays AWS, running.
pub(crate) struct Embedded {
    /// Settings with which the SDK's clients find it.
    pub(crate) sdk: SdkConfig,
    /// The engine, unless it is outside.
    pub(crate) database: Option<Database>,
    pub(crate) servers: Vec<Server>,
}

/// What is played by somebody else: where it answers.
pub(crate) struct Outside {
    pub(crate) dynamodb_url: Option<String>,
    pub(crate) ses_url: Option<String>,
    pub(crate) s3_url: Option<String>,
}

/// Starts Secrets Manager, an SQS whose one queue are the dead letters, and unless it is outside, an SES
/// that lets `sender` send to the outbox, a DynamoDB with its data in the file, or else in memory, and that
/// S3.
pub(crate) async fn start(
    outside: Outside,
    table_file: Option<PathBuf>,
    sender: &str,
    outbox: Arc<Outbox>,
    s3: S3,
    dead_letters: Arc<DeadLetters>,
) -> Result<Embedded, StartError> {
    let services = Services::new(sender, outbox, dead_letters).router();
    let (services, others) = serve(services, "AWS services").await?;
    let mut servers = vec![services];
    let (dynamodb, patience, database) = match outside.dynamodb_url {
        Some(url) => (url, patience(), None),
        None => {
            let database = database::open(table_file)?;
            let (server, url) = start_dynamodb(database.clone()).await?;
            servers.push(server);
            (url, timeout_config(), Some(database))
        }
    };
    let s3 = match outside.s3_url {
        Some(url) => url,
        None => {
            let (server, url) = serve(s3.router()?, "S3").await?;
            servers.push(server);
            url
        }
    };
    let ses = outside.ses_url.unwrap_or_else(|| others.clone());
    let sdk = sdk_config(Endpoints { dynamodb, ses, s3, others }, patience);
    Ok(Embedded { sdk, database, servers })
}

/// Where DynamoDB, SES, S3, and all others answer.
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

/// DynamoDB Local, with hundreds of requests at once, takes seconds where DynamoDB takes milliseconds.
fn patience() -> TimeoutConfig {
    let most = Duration::from_secs(9);
    TimeoutConfig::builder().operation_attempt_timeout(most).operation_timeout(most).build()
}

/// Settings for the SDK's clients. Nothing of the machine's own AWS settings gets in.
fn sdk_config(endpoints: Endpoints, timeouts: TimeoutConfig) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retry_config())
        .timeout_config(timeouts)
        .service_config(endpoints)
        .build()
}

async fn start_dynamodb(database: Database) -> Result<(Server, String), StartError> {
    let (listener, url) = listen().await?;
    let server = Server::spawn(|stop| async move {
        let serve = dynoxide::server::serve_with_shutdown(listener, database, stop.wait());
        if let Err(error) = serve.await {
            tracing::error!(cause = error, "the embedded DynamoDB stopped");
        }
    });
    Ok((server, url))
}

async fn serve(router: Router, what: &'static str) -> Result<(Server, String), StartError> {
    let (listener, url) = listen().await?;
    let server = Server::spawn(|stop| async move {
        let serve = axum::serve(listener, router).with_graceful_shutdown(stop.wait());
        if let Err(error) = serve.await {
            tracing::error!(cause = ?error, what, "an embedded service stopped");
        }
    });
    Ok((server, url))
}

async fn listen() -> Result<(TcpListener, String), StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.map_err(StartError::Listen)?;
    let address = listener.local_addr().map_err(StartError::Listen)?;
    Ok((listener, format!("http://{address}")))
}
