//! The AWS services of a stack, embedded or external, with its table and bucket.

use std::sync::Arc;

use aws_config::SdkConfig;
use dynoxide::Database;
use shared::blobs::BlobStore;

use super::environment::Environment;
use super::options::{ExternalSes, StackOptions};
use crate::StartError;
use crate::aws::{
    self, CONFIGURATION_SET, EmbeddedAws, EmbeddedAwsOptions, ExternalServices, Outbox,
    RequestShapes, S3Options, S3Policies, Sqs,
};
use crate::data::DataFolder;
use crate::queue::Queues;
use crate::stoppable_task::StoppableTask;
use crate::stream::DeadLetters;
use crate::template::Template;

/// The sender of mail without an external SES. The top-level domain `example` never exists (RFC 2606).
pub(super) const MAIL_FROM: &str = "AIUS <no-reply@aius.example>";

/// The table in the embedded engine.
const TABLE_NAME: &str = "aius-local";

/// The bucket in the embedded S3.
const BUCKET_NAME: &str = "aius-local-content";

/// Settings of the AWS services. The fields are those of [`StackOptions`](super::StackOptions).
pub(super) struct AwsServicesOptions {
    pub(super) dynamodb_url: Option<String>,
    pub(super) ses: Option<ExternalSes>,
    pub(super) s3_url: Option<String>,
    /// The port of the embedded services for other programs.
    pub(super) endpoint_port: Option<u16>,
    pub(super) interleave_calls: bool,
    pub(super) request_shapes: Option<RequestShapes>,
}

impl From<&StackOptions> for AwsServicesOptions {
    fn from(options: &StackOptions) -> Self {
        Self {
            dynamodb_url: options.dynamodb_url.clone(),
            ses: options.ses.clone(),
            s3_url: options.s3_url.clone(),
            endpoint_port: options.aws_port,
            interleave_calls: options.interleave_calls,
            request_shapes: options.request_shapes.clone(),
        }
    }
}

/// Running AWS services and the names that the service needs to use them.
pub(super) struct AwsServices {
    /// Settings with which the SDK's clients find the services.
    pub(super) sdk: SdkConfig,
    /// The embedded engine; `None` with an external DynamoDB.
    pub(super) database: Option<Database>,
    /// The URL of the embedded services for other programs.
    pub(super) endpoint_url: Option<String>,
    pub(super) tasks: Vec<StoppableTask>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) dead_letters: Arc<DeadLetters>,
    pub(super) queues: Queues,
    /// The sender of all mail.
    pub(super) sender: String,
    /// The configuration set of all mail; `None` with an external SES.
    pub(super) configuration_set: Option<String>,
    pub(super) table_name: String,
    pub(super) bucket: String,
    pub(super) blobs: BlobStore,
}

impl AwsServices {
    /// Starts the embedded services, and creates a bucket in an external S3.
    ///
    /// # Errors
    /// [`StartError::Data`] if kept data cannot be read, [`StartError::Listen`] if no port is free for S3,
    /// [`StartError::Aws`] if the engine does not open or the bucket cannot be created.
    pub(super) async fn start(
        environment: &Environment,
        template: &Template,
        options: AwsServicesOptions,
    ) -> Result<Self, StartError> {
        let AwsServicesOptions { dynamodb_url, ses, s3_url, request_shapes, .. } = options;
        let event_listener = &environment.event_listener;
        let mail_file = environment.file(DataFolder::mail_file);
        let outbox = Outbox::open(mail_file, environment.clock.clone(), event_listener.clone());
        let outbox = Arc::new(outbox.map_err(StartError::Data)?);
        let dead_letters = Arc::new(DeadLetters::new(event_listener.clone()));
        let queues = Queues::new(&template.queues, &dead_letters);
        let (ses_url, sender, configuration_set) = match ses {
            Some(ses) => (Some(ses.url), ses.sender, None),
            None => (None, MAIL_FROM.to_owned(), Some(CONFIGURATION_SET.to_owned())),
        };
        // Several stacks may share an external service.
        let unique_name = || format!("aius-local-{}", environment.random.identifier());
        let is_s3_external = s3_url.is_some();
        let bucket = if is_s3_external { unique_name() } else { BUCKET_NAME.to_owned() };
        let is_dynamodb_external = dynamodb_url.is_some();
        let table_name = if is_dynamodb_external { unique_name() } else { TABLE_NAME.to_owned() };
        let s3 = S3Options {
            folder: environment.file(DataFolder::objects_folder),
            bucket: bucket.clone(),
            cors: template.bucket.cors.clone(),
            origin: environment.url.clone(),
            policies: S3Policies::new(template, request_shapes),
        };
        let external = ExternalServices { dynamodb_url, ses_url, s3_url };
        let embedded = aws::start(EmbeddedAwsOptions {
            external,
            table_file: environment.file(DataFolder::table_file),
            sender: &sender,
            outbox: outbox.clone(),
            s3,
            sqs: Sqs { dead_letters: dead_letters.clone(), queues: queues.clone() },
            endpoint_port: options.endpoint_port,
            interleave_calls: options.interleave_calls,
            https: environment.https.clone(),
        });
        let EmbeddedAws { sdk, database, endpoint_url, tasks } = embedded.await?;
        if is_s3_external {
            aws::create_bucket(&sdk, &bucket).await?;
        }
        let blobs = BlobStore::new(&sdk, bucket.clone());
        Ok(Self {
            sdk,
            database,
            endpoint_url,
            tasks,
            outbox,
            dead_letters,
            queues,
            sender,
            configuration_set,
            table_name,
            bucket,
            blobs,
        })
    }
}
