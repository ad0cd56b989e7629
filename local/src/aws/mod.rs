//! The embedded AWS services, and the SDK settings with which ordinary clients find them.

mod authorization;
mod database;
mod dynamodb;
mod dynamodb_operation;
mod endpoint;
mod in_process;
mod mailboxes;
mod outbox;
mod request_shapes;
mod requested_items;
mod s3;
mod sdk_settings;
mod secrets_manager;
mod serve;
mod service_requests;
mod services;
mod ses;
mod ses_event;
mod sqs;
mod table;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use dynoxide::Database;
use shared::aws::{retry_config, timeout_config};
use shared::https::HttpsClient;

use crate::StartError;
use crate::listen::listen;
use crate::stoppable_task::StoppableTask;
use in_process::{InProcessClient, InProcessService};
use serve::serve;
use services::Services;

pub(crate) use authorization::sdk_of_function;
pub(crate) use database::trim_stream;
pub use database::{import_rows, open_database};
pub use dynamodb::call_dynamodb;
pub(crate) use mailboxes::MailboxResponse;
pub(crate) use outbox::Outbox;
pub use request_shapes::RequestShapes;
pub(crate) use s3::{S3Options, S3Policies, create_bucket, s3_sdk_of_function};
pub(crate) use sdk_settings::{ACCESS_KEY, REGION, SECRET_KEY};
pub(crate) use secrets_manager::{ProvidedSecrets, StoredSecrets, StripeSecret, store_secrets};
pub(crate) use ses::CONFIGURATION_SET;
pub(crate) use sqs::{DEAD_LETTER_QUEUE_URL, Sqs};
pub(crate) use table::{delete_table, ensure_table};

/// The host of the embedded DynamoDB, which exists only inside the SDK's HTTP client. `.internal` is
/// reserved for private use.
const DYNAMODB_HOST: &str = "dynamodb.local.internal";

/// The host of the embedded SES, SQS and Secrets Manager, which exists only inside the SDK's HTTP client.
const SERVICES_HOST: &str = "services.local.internal";

/// The embedded services, running.
pub(crate) struct EmbeddedAws {
    /// Settings with which the SDK's clients find the services.
    pub(crate) sdk: SdkConfig,
    /// The embedded engine; `None` with an external DynamoDB.
    pub(crate) database: Option<Database>,
    /// The URL on which DynamoDB, Secrets Manager, SES and SQS listen, if they do.
    pub(crate) endpoint_url: Option<String>,
    pub(crate) tasks: Vec<StoppableTask>,
}

/// URLs of services outside the stack that replace embedded ones.
pub(crate) struct ExternalServices {
    pub(crate) dynamodb_url: Option<String>,
    pub(crate) ses_url: Option<String>,
    pub(crate) s3_url: Option<String>,
}

/// Settings of the embedded services.
pub(crate) struct EmbeddedAwsOptions<'o> {
    pub(crate) external: ExternalServices,
    /// The file of DynamoDB's data; `None` keeps it in memory.
    pub(crate) table_file: Option<PathBuf>,
    /// The sender whose domain SES accepts.
    pub(crate) sender: &'o str,
    /// The destination of the mail that SES accepts.
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) s3: S3Options,
    pub(crate) sqs: Sqs,
    /// The HTTP client for external services.
    pub(crate) https: HttpsClient,
    /// The port on which DynamoDB, Secrets Manager, SES and SQS also listen; 0 selects a free one.
    pub(crate) endpoint_port: Option<u16>,
    /// Whether calls let other tasks run several times.
    pub(crate) interleave_calls: bool,
}

/// Starts Secrets Manager, an SQS with the queues of the template, and each of DynamoDB, SES and S3 that is not
/// external.
///
/// # Errors
/// [`StartError::Aws`] if the database cannot be opened, [`StartError::Data`] if the objects of S3 cannot be
/// read, [`StartError::Listen`] if no port is free for S3.
pub(crate) async fn start(options: EmbeddedAwsOptions<'_>) -> Result<EmbeddedAws, StartError> {
    let EmbeddedAwsOptions { external, table_file, sender, outbox, s3, sqs, https, .. } = options;
    let mut in_process = HashMap::new();
    let mut tasks = Vec::new();
    let services = Services::new(sender, outbox, sqs).router();
    let other_services = services.clone();
    in_process.insert(SERVICES_HOST.to_owned(), InProcessService::Router(services));
    let services_url = format!("http://{SERVICES_HOST}");
    let (dynamodb, timeouts, database) = match external.dynamodb_url {
        Some(url) => (url, dynamodb_local_timeouts(), None),
        None => {
            let database = open_database(table_file)?;
            in_process
                .insert(DYNAMODB_HOST.to_owned(), InProcessService::DynamoDb(database.clone()));
            (format!("http://{DYNAMODB_HOST}"), timeout_config(), Some(database))
        }
    };
    let s3 = match external.s3_url {
        Some(url) => url,
        None => {
            // Browsers follow presigned URLs, so S3 listens on a port as well.
            let router = s3.router()?;
            let (listener, address) = listen(0).await?;
            tasks.push(serve(listener, router.clone(), "S3"));
            let url = format!("http://{address}");
            in_process.insert(address.to_string(), InProcessService::Router(router));
            url
        }
    };
    let endpoint_url = match options.endpoint_port {
        Some(port) => {
            let (listener, address) = listen(port).await?;
            tasks.push(endpoint::serve(listener, database.clone(), other_services));
            Some(format!("http://{address}"))
        }
        None => None,
    };
    let ses = external.ses_url.unwrap_or_else(|| services_url.clone());
    let endpoints = Endpoints { dynamodb, ses, s3, others: services_url };
    let client = InProcessClient::new(in_process, https, options.interleave_calls);
    let sdk = sdk_config(endpoints, timeouts, client);
    Ok(EmbeddedAws { sdk, database, endpoint_url, tasks })
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
    /// Returns the value that `AWS_ENDPOINT_URL_<SERVICE>` would have. The environment is not used, so that
    /// several stacks can run in one process.
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
