//! The AWS services of a stack, embedded or external, with its table and bucket.

use std::sync::Arc;

use aws_config::SdkConfig;
use dynoxide::Database;
use shared::blobs::BlobStore;

use super::environment::Environment;
use super::options::ExternalSes;
use crate::StartError;
use crate::aws::{self, Embedded, ExternalServices, Outbox, RequestShapes, S3};
use crate::data::DataFolder;
use crate::server::Server;
use crate::stream::DeadLetters;
use crate::template::Template;

/// The sender of mail that is kept. The top-level domain `example` never exists (RFC 2606).
const MAIL_FROM: &str = "AIUS <no-reply@aius.example>";

/// The embedded engine's table.
const TABLE_NAME: &str = "aius-local";

/// The embedded S3's bucket.
const BUCKET_NAME: &str = "aius-local-content";

/// Running AWS services and the names that the service needs to use them.
pub(super) struct AwsServices {
    /// Settings with which the SDK's clients find the services.
    pub(super) sdk: SdkConfig,
    /// The embedded engine; `None` with an external DynamoDB.
    pub(super) database: Option<Database>,
    pub(super) servers: Vec<Server>,
    pub(super) outbox: Arc<Outbox>,
    pub(super) dead_letters: Arc<DeadLetters>,
    /// The sender of all mail.
    pub(super) sender: String,
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
    #[expect(clippy::too_many_arguments, reason = "a parameters type would have this one caller")]
    pub(super) async fn start(
        environment: &Environment,
        template: &Template,
        dynamodb_url: Option<String>,
        ses: Option<ExternalSes>,
        s3_url: Option<String>,
        request_shapes: Option<RequestShapes>,
    ) -> Result<Self, StartError> {
        let event_listener = &environment.event_listener;
        let mail_file = environment.file(DataFolder::mail);
        let outbox = Outbox::open(mail_file, environment.clock.clone(), event_listener.clone());
        let outbox = Arc::new(outbox.map_err(StartError::Data)?);
        let dead_letters = Arc::new(DeadLetters::new(event_listener.clone()));
        let (ses_url, sender) = match ses {
            Some(ses) => (Some(ses.url), ses.sender),
            None => (None, MAIL_FROM.to_owned()),
        };
        // Several stacks may share an external service.
        let unique_name = || format!("aius-local-{}", environment.random.identifier());
        let is_s3_external = s3_url.is_some();
        let bucket = if is_s3_external { unique_name() } else { BUCKET_NAME.to_owned() };
        let is_dynamodb_external = dynamodb_url.is_some();
        let table_name = if is_dynamodb_external { unique_name() } else { TABLE_NAME.to_owned() };
        let s3 = S3 {
            folder: environment.file(DataFolder::content),
            bucket: bucket.clone(),
            cors: template.bucket.cors.clone(),
            origin: environment.url.clone(),
        };
        let external = ExternalServices { dynamodb_url, ses_url, s3_url };
        let table_file = environment.file(DataFolder::table);
        let embedded = aws::start(
            external,
            table_file,
            &sender,
            outbox.clone(),
            s3,
            dead_letters.clone(),
            request_shapes,
        );
        let Embedded { sdk, database, servers } = embedded.await?;
        if is_s3_external {
            aws::create_bucket(&sdk, &bucket).await?;
        }
        let blobs = BlobStore::new(&sdk, bucket.clone());
        Ok(Self { sdk, database, servers, outbox, dead_letters, sender, table_name, bucket, blobs })
    }
}
