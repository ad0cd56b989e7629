//! The whole stack: started, asked where it is, stopped.

use std::fmt;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use aws_config::SdkConfig;
use axum::{Router, middleware};
use dynoxide::Database;
use futures_util::FutureExt;
use google_simulator::{ClientCredentials, GoogleSimulator, GoogleSimulatorOptions};
use shared::blobs::BlobStore;
use shared::clock::Timestamp;
use shared::config::{Config, PasswordCost};
use shared::context::Context;
use shared::dead_letters;
use shared::mail::Mailer;
use shared::random::{Random, SystemRandom};
use stripe_simulator::{AccountKeys, StripeSimulator, StripeSimulatorOptions};
use tokio::net::TcpListener;
use worker::{Clients, Worker};

use crate::aws::{
    self, Embedded, ExternalServices, Given, GivenAccount, Outbox, Put, RequestShapes, S3,
};
use crate::clock::MovableClock;
use crate::data::Folder;
use crate::gateway::{self, Gateway, Resources, only_this_machine};
use crate::notice::Observer;
use crate::panel::{self, Panel};
use crate::schedule::{Events, Invocation, Schedules};
use crate::server::Server;
use crate::slack::{self, SlackSimulator};
use crate::stream::{DeadLetters, Pump, StreamConfig, WORKER};
use crate::template::{Function, Template};
use crate::{StartError, simulators};

/// The sender of all mail that is kept. The name's top level exists nowhere (RFC 2606).
const MAIL_FROM: &str = "AIUS <no-reply@aius.example>";

/// Where Stripe answers.
const STRIPE_API_BASE: &str = "https://api.stripe.com/";

/// How a stack is to be.
pub struct Options {
    /// Where its data lives.
    pub data: Data,
    /// The port on 127.0.0.1; 0 for any that is free.
    pub port: u16,
    /// A running DynamoDB Local to use instead of the embedded engine. The stack makes a table of its
    /// own there, and removes it when it is stopped.
    pub dynamodb_url: Option<String>,
    /// A running SES to send with, instead of keeping mails for `/local/mail`.
    pub ses: Option<Ses>,
    /// A running S3 to use instead of the embedded one. The stack makes a bucket of its own there, and
    /// leaves it behind.
    pub s3_url: Option<String>,
    /// Whether an address must be proven before the first sign-in.
    pub require_email_verification: bool,
    /// An OpenID provider that plays Google instead of the stack's own.
    pub google: Option<OpenIdProvider>,
    /// Who takes the money.
    pub stripe: Stripe,
    /// What plays Slack instead of the stack's own, scheme and host.
    pub slack_url: Option<String>,
    /// What the stack's clock shows at the start, instead of where it was left, or the machine's time.
    pub start_at: Option<Timestamp>,
    /// Whether time stands still until `POST /local/clock` moves it, as tests of what happens to the
    /// second want it.
    pub stands_still: bool,
    /// The cost of hashing passwords. Tests lower it to save time.
    pub password_cost: PasswordCost,
    /// Records the requests to DynamoDB, which tests use to compare engines.
    pub request_shapes: Option<RequestShapes>,
    /// Is told of requests and mails.
    pub observer: Observer,
}

/// An OpenID provider, and who the service is there. Its client's redirect URI is
/// `<the stack's URL>/api/v1/auth/google/callback`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIdProvider {
    /// Its issuer: the address in front of `/.well-known/openid-configuration`.
    pub issuer: String,
    /// The client's name.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: String,
}

/// Who takes the money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stripe {
    /// The stack's own, under `/local/stripe`.
    #[default]
    Simulated,
    /// Stripe.
    Real {
        /// The account's key.
        secret_key: String,
        /// What its webhooks are signed with, where there are any.
        webhook_secret: Option<String>,
        /// Which price is of which plan: `basic=price_a,price_b;pro=price_c`.
        prices: String,
    },
    /// Nobody: billing is not configured.
    None,
}

/// How the stack's own Stripe is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripeAccess {
    /// What stands for `https://api.stripe.com/`.
    pub api_base: String,
    /// The account's key.
    pub secret_key: String,
    /// What its webhooks are signed with.
    pub webhook_secrets: Vec<String>,
    /// Which price is of which plan.
    pub prices: String,
}

/// An SES outside of the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ses {
    /// Where it answers.
    pub url: String,
    /// The sender of all mail, an address or `Name <address>`.
    pub sender: String,
}

/// Where a stack's data lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// In memory, gone when the stack ends.
    Memory,
    /// In a folder that one stack uses at a time.
    Folder(PathBuf),
}

impl Default for Options {
    /// In memory, on any free port, otherwise as it is deployed by default.
    fn default() -> Self {
        Self {
            data: Data::Memory,
            port: 0,
            dynamodb_url: None,
            ses: None,
            s3_url: None,
            require_email_verification: true,
            google: None,
            stripe: Stripe::Simulated,
            slack_url: None,
            start_at: None,
            stands_still: false,
            password_cost: PasswordCost::PRODUCTION,
            request_shapes: None,
            observer: Arc::new(|_| {}),
        }
    }
}

/// A running stack. Several run side by side in one process, each with its own table, secret, mails
/// and clock. It runs on the Tokio runtime that started it; dropping it stops it without waiting.
pub struct Stack {
    address: SocketAddr,
    url: String,
    google: OpenIdProvider,
    stripe: Option<StripeAccess>,
    context: Context,
    blobs: BlobStore,
    bucket: String,
    sdk: SdkConfig,
    clients: Clients,
    /// The engine; without one the table is a guest in one that goes on.
    database: Option<Database>,
    /// In the order in which they are stopped: whoever uses another comes first.
    servers: Vec<Server>,
    // Its lock is the last to go.
    _folder: Option<Folder>,
}

impl Stack {
    /// Starts a stack; it answers when this returns.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let template = Template::of_the_service().map_err(StartError::Template)?;
        let (listener, address) = listen(options.port).await?;
        let url = format!("http://localhost:{}", address.port());
        let folder = match &options.data {
            Data::Memory => None,
            Data::Folder(path) => Some(Folder::open(path)?),
        };
        let file = |path: fn(&Folder) -> PathBuf| folder.as_ref().map(path);
        let clock =
            MovableClock::start(file(Folder::clock), options.start_at, options.stands_still)
                .map(Arc::new)
                .map_err(StartError::Data)?;
        let outbox = Outbox::open(file(Folder::mail), clock.clone(), options.observer.clone())
            .map(Arc::new)
            .map_err(StartError::Data)?;

        let letters = Arc::new(DeadLetters::new(options.observer.clone()));
        let is_guest = options.dynamodb_url.is_some();
        let (ses_url, sender) = match options.ses {
            Some(ses) => (Some(ses.url), ses.sender),
            None => (None, MAIL_FROM.to_owned()),
        };
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let is_bucket_elsewhere = options.s3_url.is_some();
        let bucket = if is_bucket_elsewhere {
            format!("aius-local-{}", random.identifier())
        } else {
            "aius-local-content".to_owned()
        };
        let s3 = S3 {
            folder: file(Folder::content),
            bucket: bucket.clone(),
            cors: template.bucket.cors.clone(),
            origin: url.clone(),
        };
        let (dynamodb_url, s3_url) = (options.dynamodb_url, options.s3_url);
        let external = ExternalServices { dynamodb_url, ses_url, s3_url };
        let Embedded { sdk, database, mut servers } = aws::start(
            external,
            file(Folder::table),
            &sender,
            outbox.clone(),
            s3,
            letters.clone(),
            options.request_shapes,
        )
        .await?;
        if is_bucket_elsewhere {
            aws::make_bucket(&sdk, &bucket).await?;
        }
        let blobs = BlobStore::new(&sdk, bucket.clone());
        let table_name = if is_guest {
            format!("aius-local-{}", random.identifier())
        } else {
            "aius-local".to_owned()
        };
        let secret_file = file(Folder::secret);
        let (issuer, given) = match options.google {
            None => (google_simulator::issuer_url(&url), None),
            Some(OpenIdProvider { issuer, client_id, client_secret }) => {
                (issuer, Some(ClientCredentials { client_id, client_secret }))
            }
        };
        let is_stripe_simulated = options.stripe == Stripe::Simulated;
        // What the functions read as STRIPE_API_BASE and STRIPE_PRICES.
        let (stripe_api_base, stripe_prices) = match &options.stripe {
            Stripe::Simulated => {
                let api_base = simulators::stripe_api_base(address.port());
                (api_base, stripe_simulator::PLAN_PRICES.to_owned())
            }
            Stripe::Real { prices, .. } => (STRIPE_API_BASE.to_owned(), prices.clone()),
            Stripe::None => (STRIPE_API_BASE.to_owned(), String::new()),
        };
        let given = Given { google: given, stripe: given_account(options.stripe) };
        let (stream_arn, Put { id: secret_id, google: credentials, stripe: account }) = tokio::try_join!(
            aws::ensure_table(&sdk, &table_name, &template.table),
            aws::put_secret(&sdk, &template.secret, secret_file.as_deref(), given, &*random),
        )?;
        let stripe = account.filter(|_| is_stripe_simulated).map(|account| {
            let random = random.clone();
            let stripe = StripeSimulator::new(StripeSimulatorOptions {
                base_url: url.clone(),
                webhook_url: simulators::stripe_webhook_url(address.port()),
                account_keys: account.clone(),
                data_file: file(Folder::stripe),
                clock: clock.clone(),
                random: Arc::new(move |buffer: &mut [u8]| random.fill(buffer)),
            });
            stripe.map(|stripe| (account, Arc::new(stripe)))
        });
        let (account, stripe) = stripe.transpose().map_err(StartError::Data)?.unzip();
        let gateway_to_stripe = shared::stripe::Stripe::new(&stripe_api_base, &stripe_prices)
            .map_err(StartError::aws)?;
        let stripe_access = account.map(|account: AccountKeys| StripeAccess {
            api_base: stripe_api_base,
            secret_key: account.secret_key,
            webhook_secrets: account.webhook_secrets,
            prices: stripe_prices,
        });
        let google_random = random.clone();
        let google = GoogleSimulator::new(GoogleSimulatorOptions {
            base_url: url.clone(),
            redirect_uri: simulators::google_redirect_uri(&url),
            client: credentials.clone(),
            accounts_file: file(Folder::google),
            clock: clock.clone(),
            random: Arc::new(move |buffer: &mut [u8]| google_random.fill(buffer)),
        })
        .map_err(StartError::Data)?;
        let config = Config {
            table_name,
            secret_id,
            base_url: url.clone(),
            require_email_verification: options.require_email_verification,
            return_origins: Vec::new(),
            password_cost: options.password_cost,
        };
        let context =
            Context::new(config, &sdk, clock.clone(), random).await.map_err(StartError::aws)?;

        let function = worker_function(template).map_err(StartError::Template)?;
        let slack_url = options.slack_url.unwrap_or_else(|| slack::webhook_base(&url));
        let clients = Clients {
            mailer: Mailer::new(&sdk, sender),
            slack: shared::slack::SlackClient::new(&slack_url).map_err(StartError::aws)?,
            dead_letters: dead_letters::DeadLetters::new(&sdk, aws::DEAD_LETTERS_URL.to_owned()),
            stripe: gateway_to_stripe.clone(),
        };
        let worker = Worker::new(context.clone(), clients.clone(), blobs.clone());
        let stream = StreamConfig {
            client: aws_sdk_dynamodbstreams::Client::new(&sdk),
            stream_arn,
            worker: worker.clone(),
            dead_letters: letters,
        };
        let (pump, pumping) = Pump::start(stream, function).map_err(StartError::Template)?;
        servers.insert(0, pumping);
        let invocation = Invocation {
            worker,
            timeout: function.timeout,
            pump: pump.clone(),
            observer: options.observer.clone(),
        };
        let run = Box::new(move |schedule| invocation.clone().run(schedule).boxed());
        let others = stripe.clone().map(|stripe| stripe as Arc<dyn Events>);
        let (schedules, keeping) =
            Schedules::start(clock.clone(), &function.schedules, run, others);
        servers.insert(0, keeping);
        let slack = SlackSimulator::new(clock.clone(), pump.clone(), options.observer.clone());
        let gateway = Gateway::new(
            template,
            Resources { ctx: &context, blobs: &blobs, stripe: &gateway_to_stripe, issuer: &issuer },
            clock.clone(),
            pump.clone(),
            options.observer,
        )
        .map_err(StartError::Template)?;
        let panel = Panel {
            outbox,
            clock,
            schedules,
            pump,
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk),
            context: context.clone(),
        };
        if let Some(stripe) = stripe.clone() {
            servers.insert(
                0,
                Server::spawn(|stop| async move {
                    stop.wait().await;
                    stripe.shut_down().await;
                }),
            );
        }
        servers.insert(0, serve(listener, gateway, panel, google, slack, stripe));
        let ClientCredentials { client_id, client_secret } = credentials;
        let google = OpenIdProvider { issuer, client_id, client_secret };
        Ok(Self {
            address,
            url,
            google,
            stripe: stripe_access,
            context,
            blobs,
            bucket,
            sdk,
            clients,
            database,
            servers,
            _folder: folder,
        })
    }

    /// Where it answers, such as `http://localhost:8080`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The OpenID provider that plays Google, and who the service is there.
    pub fn google(&self) -> &OpenIdProvider {
        &self.google
    }

    /// The stack's own Stripe, if it has one.
    pub fn stripe(&self) -> Option<&StripeAccess> {
        self.stripe.as_ref()
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its functions are given.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The name of the bucket with the contents of artifacts.
    pub fn content_bucket(&self) -> &str {
        &self.bucket
    }

    /// The store of artifact contents.
    pub fn blobs(&self) -> &BlobStore {
        &self.blobs
    }

    /// The engine that its table is in, unless it was given another.
    pub fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// How its AWS services are reached.
    pub fn sdk(&self) -> &SdkConfig {
        &self.sdk
    }

    /// What its worker sends with.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Stops everything, after what is under way.
    pub async fn stop(self) {
        for server in self.servers {
            server.stop().await;
        }
        if self.database.is_none()
            && let Err(error) = aws::delete_table(&self.sdk, &self.context.config.table_name).await
        {
            tracing::warn!(cause = ?error, "the table stays behind");
        }
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack").field("url", &self.url).finish_non_exhaustive()
    }
}

async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(|error| {
        if error.kind() == ErrorKind::AddrInUse {
            StartError::PortTaken(port)
        } else {
            StartError::Listen(error)
        }
    })?;
    let address = listener.local_addr().map_err(StartError::Listen)?;
    Ok((listener, address))
}

fn given_account(stripe: Stripe) -> GivenAccount {
    match stripe {
        Stripe::Simulated => GivenAccount::Kept,
        Stripe::Real { secret_key, webhook_secret, .. } => {
            let webhook_secrets = webhook_secret.into_iter().collect();
            GivenAccount::Other(AccountKeys { secret_key, webhook_secrets })
        }
        Stripe::None => GivenAccount::Absent,
    }
}

fn worker_function(template: &Template) -> Result<&Function, String> {
    let function = template.functions.iter().find(|function| function.binary == WORKER);
    function.ok_or_else(|| format!("no function with the binary {WORKER}"))
}

fn serve(
    listener: TcpListener,
    gateway: Gateway,
    panel: Panel,
    google: GoogleSimulator,
    slack: SlackSimulator,
    stripe: Option<Arc<StripeSimulator>>,
) -> Server {
    let mut local = panel::router(panel)
        .nest("/google", google_simulator::router(google))
        .nest("/slack", slack::router(slack));
    if let Some(stripe) = stripe {
        local = local.nest("/stripe", stripe_simulator::router(stripe));
    }
    let local = local.layer(middleware::from_fn(only_this_machine));
    let app = Router::new()
        .fallback(gateway::handle)
        .with_state(Arc::new(gateway))
        .nest("/local", local)
        .into_make_service_with_connect_info::<SocketAddr>();
    Server::spawn(|stop| async move {
        let serve = axum::serve(listener, app).with_graceful_shutdown(stop.wait());
        if let Err(error) = serve.await {
            tracing::error!(cause = ?error, "the gateway stopped");
        }
    })
}
