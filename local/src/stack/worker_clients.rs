//! The worker's clients of services outside the table.

use aws_config::SdkConfig;
use shared::dead_letters::DeadLetterQueue;
use shared::fifo_queue::FifoQueue;
use shared::mail::Mailer;
use shared::slack::SlackClient;
use shared::stripe::Stripe;
use worker::{Clients, Queues};

use super::aws_services::AwsServices;
use super::environment::Environment;
use super::external_accounts::StripeEndpoint;
use super::queue_names::{CODE_QUEUE, WORK_QUEUE};
use crate::StartError;
use crate::aws::DEAD_LETTER_QUEUE_URL;
use crate::queue::queue_url;
use crate::slack;

/// Creates the clients, which may do everything.
///
/// # Errors
/// [`StartError::Aws`] if the address of Slack or Stripe is invalid.
pub(super) fn worker_clients(
    environment: &Environment,
    services: &AwsServices,
    slack_url: Option<String>,
    stripe: &StripeEndpoint,
) -> Result<Clients, StartError> {
    let slack_url = slack_url.unwrap_or_else(|| slack::webhook_base(&environment.url));
    let https = environment.https.clone();
    let AwsClients { mailer, dead_letters, queues } = AwsClients::new(&services.sdk, services);
    Ok(Clients {
        mailer,
        slack: SlackClient::new(https.clone(), &slack_url).map_err(StartError::aws)?,
        dead_letters,
        queues,
        stripe: Stripe::new(https, &stripe.api_base, &stripe.prices).map_err(StartError::aws)?,
    })
}

/// Returns the same clients with other settings for those of AWS.
pub(super) fn with_sdk(clients: &Clients, sdk: &SdkConfig, services: &AwsServices) -> Clients {
    let AwsClients { mailer, dead_letters, queues } = AwsClients::new(sdk, services);
    Clients { mailer, dead_letters, queues, ..clients.clone() }
}

/// The clients of SES and SQS.
struct AwsClients {
    mailer: Mailer,
    dead_letters: DeadLetterQueue,
    queues: Queues,
}

impl AwsClients {
    fn new(sdk: &SdkConfig, services: &AwsServices) -> Self {
        let (sender, set) = (services.sender.clone(), services.configuration_set.clone());
        Self {
            mailer: Mailer::new(sdk, sender, set),
            dead_letters: DeadLetterQueue::new(sdk, DEAD_LETTER_QUEUE_URL.to_owned()),
            queues: Queues {
                codes: FifoQueue::new(sdk, queue_url(CODE_QUEUE)),
                work: FifoQueue::new(sdk, queue_url(WORK_QUEUE)),
            },
        }
    }
}
