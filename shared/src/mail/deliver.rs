//! Sending what waits.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_ses::error::ProvideErrorMetadata;
use aws_sdk_ses::types::{Body, Content, Destination, Message as SesMessage};

use super::message::Rendered;
use super::outbox::Waiting;
use crate::aws::describe_failure;
use crate::context::Context;
use crate::dynamo::Key;
use crate::error::{Error, Result};
use crate::values::EmailAddress;

/// The way out: Amazon SES, and the address that mail comes from.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: aws_sdk_ses::Client,
    from: String,
}

impl Mailer {
    /// A mailer that sends as `from`, an address or `Name <address>` that SES has verified.
    pub fn new(sdk: &SdkConfig, from: String) -> Self {
        let config = aws_sdk_ses::config::Builder::from(sdk).timeout_config(timeouts()).build();
        Self { client: aws_sdk_ses::Client::from_conf(config), from }
    }

    async fn send(&self, to: &EmailAddress, mail: &Rendered) -> Result<Sent> {
        let content = |text: &str| {
            Content::builder().charset("UTF-8").data(text).build().map_err(Error::internal)
        };
        let body = Body::builder().text(content(&mail.text)?).html(content(&mail.html)?).build();
        let message = SesMessage::builder().subject(content(&mail.subject)?).body(body).build();
        let sent = self
            .client
            .send_email()
            .source(&self.from)
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .message(message)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Sent::Accepted),
            Err(error) if is_final(error.code()) => {
                Ok(Sent::Refused(describe_failure("SES", &error)))
            }
            Err(error) => Err(Error::Unavailable(describe_failure("SES", &error).into())),
        }
    }
}

enum Sent {
    Accepted,
    /// SES will never send this mail; why, for the log.
    Refused(String),
}

/// Whether SES refuses the mail itself: asking again changes nothing, and would hold up the mails
/// behind it. All else passes or gets mended: throttling, paused sending, and `MessageRejected`,
/// which also stands for a sender that isn't verified yet and for the sandbox.
/// <https://docs.aws.amazon.com/ses/latest/APIReference/API_SendEmail.html#API_SendEmail_Errors>
fn is_final(code: Option<&str>) -> bool {
    code == Some("InvalidParameterValue")
}

/// SES takes seconds at times, and a mail that is given up on too early is sent twice.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(25))
        .build()
}

/// Sends one waiting mail and removes its row. Called again for the same mail it does nothing; if
/// it is stopped between sending and removing, the mail is sent twice rather than not at all.
pub async fn deliver(ctx: &Context, mailer: &Mailer, key: &Key) -> Result<()> {
    let Some(waiting) = ctx.table.get::<Waiting>(key).await? else { return Ok(()) };
    let mail = waiting.id();
    if ctx.now() >= waiting.useful_until() {
        tracing::error!(%mail, "a mail came too late to be of use and was not sent");
    } else {
        let letter = waiting.open(&*ctx.secrets.keyring().await)?;
        match mailer.send(&letter.to, &letter.message.render(&letter.to)?).await? {
            Sent::Accepted => tracing::info!(%mail, "mail sent"),
            Sent::Refused(why) => tracing::error!(%mail, why, "a mail was refused for good"),
        }
    }
    ctx.table.delete(key).await
}

#[cfg(test)]
mod tests {
    use super::is_final;

    #[test]
    fn only_a_refused_mail_is_given_up() {
        assert!(is_final(Some("InvalidParameterValue")));
        // The second also stands for a sender that isn't verified yet.
        for passing in ["Throttling", "MessageRejected", "AccountSendingPausedException"] {
            assert!(!is_final(Some(passing)));
        }
        assert!(!is_final(None));
    }
}
