//! Starts and stops a whole stack.

mod aws_services;
mod background;
mod environment;
mod external_accounts;
mod function_environment;
mod http;
mod options;
mod queue_names;
mod worker_clients;

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use aws_config::SdkConfig;
use dynoxide::Database;
use google_simulator::ClientCredentials;
use shared::blobs::BlobStore;
use shared::config::{CdnSecrets, Config};
use shared::context::Context;
use worker::Clients;

use crate::StartError;
use crate::aws::{self, StoredSecrets};
use crate::control::{self, ControlState};
use crate::data::DataFolder;
use crate::function_context::FunctionContexts;
use crate::gateway::{FunctionResources, Gateway};
use crate::listen::listen;
use crate::slack::SlackSimulator;
use crate::stoppable_task::StoppableTask;
use crate::template::{Function, Template};
use aws_services::AwsServices;
use background::{BackgroundConfig, BackgroundTasks};
use environment::Environment;
use external_accounts::StripeEndpoint;
use http::HttpEndpoints;
use worker_clients::worker_clients;

pub use options::{
    ExternalSes, GoogleAccess, StackData, StackOptions, StripeAccess, StripeBackend,
};

/// The namespace of the metrics in the log.
const METRICS_NAMESPACE: &str = "local";

/// Longest time that a request waits until secrets are read again. It is longer than in the cloud, so that no test
/// depends on the speed of the machine.
const SECRETS_TIMEOUT: Duration = Duration::from_secs(10);

/// A running local stack.
///
/// Several stacks run side by side in one process, each with its own table, secret, mail and clock. A
/// stack runs on the Tokio runtime that started it. Dropping it stops it without waiting.
pub struct Stack {
    address: SocketAddr,
    url: String,
    google: GoogleAccess,
    stripe: Option<StripeAccess>,
    context: Context,
    blobs: BlobStore,
    bucket: String,
    sdk: SdkConfig,
    clients: Clients,
    /// The embedded engine; `None` if the table is in an external DynamoDB.
    database: Option<Database>,
    aws_url: Option<String>,
    /// The tasks in the order in which they stop: a server stops before those that it uses.
    tasks: Vec<StoppableTask>,
    // Dropped last, because the folder's lock must outlive everything that writes to the folder.
    _folder: Option<DataFolder>,
}

/// Creates the context of the functions, with the stack's clock and randomness.
async fn create_context(
    environment: &Environment,
    config: Config,
    services: &AwsServices,
) -> Result<Context, StartError> {
    let (clock, random) = (environment.clock.clone(), environment.random.clone());
    let https = &environment.https;
    Context::new(config, https, &services.sdk, clock, random).await.map_err(StartError::aws)
}

/// Returns the function of the template with this binary.
fn find_function(binary: &str) -> Option<&'static Function> {
    let functions = &Template::load().ok()?.functions;
    functions.iter().find(|function| function.binary == binary)
}

impl Stack {
    /// Starts a stack, which answers requests when this returns.
    ///
    /// # Errors
    /// A [`StartError`] that says what to do: the port is taken, the data folder is in use or of another
    /// layout, the template has something that the local stack does not support, or a service fails.
    pub async fn start(options: StackOptions) -> Result<Self, StartError> {
        let template = Template::load().map_err(StartError::Template)?;
        let (listener, address) = listen(options.port).await?;
        let environment = Environment::open(
            address.port(),
            &options.data,
            options.start_at,
            options.freeze_clock,
            options.event_listener.clone(),
        )?;
        let services = AwsServices::start(&environment, template, (&options).into()).await?;
        let stripe_endpoint = StripeEndpoint::new(&options.stripe, address.port());
        let (issuer, provided) =
            external_accounts::provided_secrets(options.google, options.stripe, &environment.url);
        let secrets_file = environment.file(DataFolder::secrets_file);
        let (stream_arn, secrets) = tokio::try_join!(
            aws::ensure_table(&services.sdk, &services.table_name, &template.table),
            aws::store_secrets(
                &services.sdk,
                &template.secret,
                secrets_file.as_deref(),
                provided,
                &*environment.random,
            ),
        )?;
        let StoredSecrets { ids: secret_ids, google: google_client, stripe: stripe_keys } = secrets;
        let google = external_accounts::simulate_google(&environment, google_client.clone())?;
        let simulated_keys = stripe_keys.filter(|_| stripe_endpoint.is_simulated);
        let stripe = simulated_keys
            .map(|keys| external_accounts::simulate_stripe(&environment, &stripe_endpoint, keys));
        let (stripe, stripe_access) = stripe.transpose()?.unzip();
        let config = Config {
            table_name: services.table_name.clone(),
            secret_ids,
            base_url: environment.url.clone(),
            // The stack has no TLS.
            hsts_include_subdomains: false,
            require_email_verification: options.require_email_verification,
            return_origins: Vec::new(),
            cdn_secrets: CdnSecrets::from_secrets(&options.cdn_secrets),
            breached_passwords_url: options.breached_passwords_url,
            metrics_namespace: Some(METRICS_NAMESPACE.to_owned()),
            password_cost: options.password_cost,
            secrets_timeout: SECRETS_TIMEOUT,
        };
        let context = create_context(&environment, config, &services).await?;
        let clients = worker_clients(&environment, &services, options.slack_url, &stripe_endpoint)?;
        let request_shapes = options.request_shapes.as_ref();
        let (sdk, bucket) = (&services.sdk, services.bucket.as_str());
        let contexts = FunctionContexts { ctx: &context, sdk, bucket, request_shapes };
        let background = BackgroundTasks::start(BackgroundConfig {
            environment: &environment,
            template,
            services: &services,
            stream_arn,
            contexts,
            clients: &clients,
            stripe: stripe.clone(),
        })?;
        let (poller, event_listener) = (&background.poller, environment.event_listener.clone());
        let slack =
            SlackSimulator::new(environment.clock.clone(), poller.clone(), event_listener.clone());
        let resources = FunctionResources {
            contexts,
            clients: &clients,
            https: &environment.https,
            issuer: &issuer,
        };
        let clock = environment.clock.clone();
        let gateway = Gateway::new(template, resources, clock, poller.clone(), event_listener)
            .map_err(StartError::Template)?;
        let control = ControlState {
            outbox: services.outbox,
            clock: environment.clock.clone(),
            schedules: background.schedules,
            poller: background.poller,
            dynamodb: aws_sdk_dynamodb::Client::new(&services.sdk),
            context: context.clone(),
            admin: control::admin::context(template, contexts).map_err(StartError::Template)?,
        };
        let mut tasks =
            vec![HttpEndpoints { gateway, control, google, slack, stripe }.serve(listener)];
        tasks.extend(background.tasks);
        tasks.extend(services.tasks);
        let ClientCredentials { client_id, client_secret } = google_client;
        Ok(Self {
            address,
            url: environment.url,
            google: GoogleAccess { issuer, client_id, client_secret },
            stripe: stripe_access,
            context,
            blobs: services.blobs,
            bucket: services.bucket,
            sdk: services.sdk,
            clients,
            database: services.database,
            aws_url: services.endpoint_url,
            tasks,
            _folder: environment.folder,
        })
    }

    /// Returns the URL of the stack, such as `http://localhost:8080`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the OpenID provider that stands for Google, with the credentials of the service there.
    pub fn google(&self) -> &GoogleAccess {
        &self.google
    }

    /// Returns the simulated Stripe's address and credentials, if Stripe is simulated.
    pub fn stripe(&self) -> Option<&StripeAccess> {
        self.stripe.as_ref()
    }

    /// Returns the address that the stack listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the context of the stack's functions.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Returns the name of the bucket with the contents of artifacts.
    pub fn content_bucket(&self) -> &str {
        &self.bucket
    }

    /// Returns the store of the contents of artifacts.
    pub fn blobs(&self) -> &BlobStore {
        &self.blobs
    }

    /// Returns the embedded engine, or `None` with an external DynamoDB.
    pub fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// Returns the URL on which DynamoDB, Secrets Manager, SES and SQS listen for programs outside this process;
    /// `None` without [`StackOptions::aws_port`].
    pub fn aws_url(&self) -> Option<&str> {
        self.aws_url.as_deref()
    }

    /// Returns the settings with which the SDK's clients find the stack's AWS services.
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// Returns the settings with which DynamoDB's client has only the rights of a function, which is named after its
    /// binary; `None` if there is no such function.
    pub fn sdk_of_function(&self, binary: &str) -> Option<SdkConfig> {
        Some(aws::sdk_of_function(&self.sdk, find_function(binary)?, None))
    }

    /// Returns the settings with which S3's client signs requests and URLs as a function, which is named after its
    /// binary; `None` if there is no such function. The rights that they use count as used by the function.
    pub fn s3_sdk_of_function(&self, binary: &str) -> Option<SdkConfig> {
        Some(aws::s3_sdk_of_function(&self.sdk, find_function(binary)?))
    }

    /// Returns the clients of external services that the worker uses.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Stops the stack after its running requests.
    pub async fn stop(self) {
        for server in self.tasks {
            server.stop().await;
        }
        if self.database.is_none()
            && let Err(error) = aws::delete_table(&self.sdk, &self.context.config.table_name).await
        {
            tracing::warn!(cause = ?error, "the table could not be deleted");
        }
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").field("url", &self.url).finish_non_exhaustive()
    }
}
