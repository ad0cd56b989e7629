//! Background work. The table's stream is forwarded to queues, whose messages trigger deliveries of mail and Slack
//! messages and the steps of background jobs; schedules trigger what falls due by time.
//!
//! The stream's filter in `template.yaml` passes the records that become messages. Every task is idempotent, because
//! stream and queues deliver at least once.

mod backlog;
mod compare_with_stripe;
mod concurrent;
mod erasures;
mod event;
mod expiry_reminders;
mod forward;
mod jobs;
mod mail_event;
mod member_events;
mod message;
mod messages;
mod organization_deletions;
mod outbox;
mod queue_event;
mod reconcile;
mod schedules;
mod uploads;

use futures_util::FutureExt;
use lambda_runtime::LambdaEvent;
use shared::aws::sdk_config;
use shared::blobs::BlobStore;
use shared::cause::caused_by;
use shared::config;
use shared::context::Context;
use shared::dead_letters::DeadLetterQueue;
use shared::error::Result;
use shared::fifo_queue::FifoQueue;
use shared::https::HttpsClient;
use shared::mail::Mailer;
use shared::slack::SlackClient;
use shared::stripe::Stripe;
use shared::trace_id::parse_trace_id;
use tracing::Instrument;

pub use event::{Event, Response, Schedule};
pub use mail_event::MailEvent;
pub use message::{Task, WorkerMessage};
pub use queue_event::{QueueAttributes, QueueEvent, QueueItemFailure, QueueRecord, QueueResponse};

/// The function with its dependencies.
#[derive(Clone)]
pub struct Worker {
    ctx: Context,
    clients: Clients,
    blobs: BlobStore,
}

/// The clients of the services that the worker calls.
#[derive(Clone, Debug)]
pub struct Clients {
    /// The client of SES, which sends mail.
    pub mailer: Mailer,
    /// The client of Slack's incoming webhooks.
    pub slack: SlackClient,
    /// The dead-letter queue, for rows that cannot be read.
    pub dead_letters: DeadLetterQueue,
    /// The queues of the work that the stream triggers.
    pub queues: Queues,
    /// The client of Stripe.
    pub stripe: Stripe,
}

/// The queues between the stream and the work that it triggers.
#[derive(Clone, Debug)]
pub struct Queues {
    /// The queue of mails with a code, so that no other work delays them.
    pub codes: FifoQueue,
    /// The queue of all other work.
    pub work: FifoQueue,
}

impl Queues {
    /// Returns the queue with this ARN.
    fn find(&self, arn: &str) -> Option<&FifoQueue> {
        let name = arn.rsplit(':').next();
        [&self.codes, &self.work].into_iter().find(|queue| Some(queue.name()) == name)
    }
}

impl Worker {
    /// Creates the worker of a function in the cloud from the environment.
    ///
    /// # Errors
    /// `Internal` if a required variable is missing, or a value or the secret's JSON is invalid;
    /// `Unavailable` if Secrets Manager fails.
    pub async fn from_environment() -> Result<Self> {
        let https = HttpsClient::default();
        let sdk = sdk_config(https.clone()).await;
        let ctx = Context::from_environment(&https, &sdk).await?;
        let clients = Clients {
            mailer: Mailer::new(
                &sdk,
                config::mail_from()?,
                Some(config::mail_configuration_set()?),
            ),
            slack: SlackClient::from_environment(https.clone())?,
            dead_letters: DeadLetterQueue::new(&sdk, config::dead_letters_url()?),
            queues: Queues {
                codes: FifoQueue::new(&sdk, config::code_queue_url()?),
                work: FifoQueue::new(&sdk, config::work_queue_url()?),
            },
            stripe: Stripe::from_environment(https)?,
        };
        Ok(Self::new(ctx, clients, BlobStore::from_environment(&sdk)?))
    }

    /// Creates a worker from its parts.
    pub fn new(ctx: Context, clients: Clients, blobs: BlobStore) -> Self {
        Self { ctx, clients, blobs }
    }

    /// Handles an invocation by Lambda. Every log line of the invocation has its `request_id`. A schedule causes the
    /// work that it begins; messages name the request that caused theirs.
    ///
    /// # Errors
    /// The errors of [`Worker::invoke`].
    pub async fn handle(&self, invocation: LambdaEvent<Event>) -> Result<Response> {
        let trace = invocation.context.xray_trace_id.as_deref();
        // The level of an error, so that the span exists at every `LogLevel`.
        let span = tracing::error_span!(
            "invocation",
            request_id = invocation.context.request_id,
            trace_id = trace.and_then(parse_trace_id)
        );
        let is_schedule = matches!(invocation.payload, Event::Schedule(_));
        let cause = Some(invocation.context.request_id).filter(|_| is_schedule);
        caused_by(cause, self.invoke(invocation.payload).boxed()).instrument(span).await
    }

    /// Does the work of an event.
    ///
    /// # Errors
    /// The error of a schedule or of an event of SES, after which Lambda invokes the function again. A batch of the
    /// stream or of a queue never fails: its response names what to retry.
    pub async fn invoke(&self, event: Event) -> Result<Response> {
        // Boxed, because the futures are large, and the compiler gives up on types that are nested this deep.
        match event {
            Event::Stream(batch) => Ok(Response::Stream(self.forward_batch(batch).boxed().await)),
            Event::Queue(batch) => Ok(Response::Queue(self.process_messages(batch).boxed().await)),
            Event::Mail(event) => {
                self.handle_mail_event(&event).boxed().await.map(|()| Response::Done)
            }
            Event::Schedule(schedule) => match Box::pin(self.run_schedule(schedule)).await {
                Ok(()) => Ok(Response::Done),
                Err(error) => {
                    tracing::error!(cause = ?error, ?schedule, "a schedule failed");
                    Err(error)
                }
            },
        }
    }
}
