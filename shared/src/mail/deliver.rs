//! Delivery of queued mail with Amazon SES.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_ses::error::ProvideErrorMetadata;
use aws_sdk_ses::types::{Body, Content, Destination, Message as SesMessage};

use super::message::RenderedMail;
use super::outbox::{QueuedCodeMail, QueuedMail};
use super::suppression::SuppressedAddress;
use crate::aws::{LazyClient, describe_failure};
use crate::context::Context;
use crate::dynamo::Key;
use crate::error::{Error, Result};
use crate::keys;
use crate::outbox::{self, DeliveryOutcome, OutboxContent, OutboxRow};
use crate::values::EmailAddress;

/// Sends mail with Amazon SES, from one sender address.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: LazyClient<aws_sdk_ses::Client>,
    from: String,
    configuration_set: Option<String>,
}

impl Mailer {
    /// Creates a mailer. `from` is an address or `Name <address>` that SES has verified. The configuration set makes
    /// SES report mails that come back.
    pub fn new(sdk: &SdkConfig, from: String, configuration_set: Option<String>) -> Self {
        let client = LazyClient::new(sdk, |sdk| {
            let config = aws_sdk_ses::config::Builder::from(sdk).timeout_config(ses_timeouts());
            aws_sdk_ses::Client::from_conf(config.build())
        });
        Self { client, from, configuration_set }
    }

    async fn send(&self, to: &EmailAddress, mail: &RenderedMail) -> Result<DeliveryOutcome> {
        let content = |text: &str| {
            Content::builder().charset("UTF-8").data(text).build().map_err(Error::internal)
        };
        let body = Body::builder().text(content(&mail.text)?).html(content(&mail.html)?).build();
        let message = SesMessage::builder().subject(content(&mail.subject)?).body(body).build();
        let sent = self
            .client
            .get()
            .send_email()
            .source(&self.from)
            .set_configuration_set_name(self.configuration_set.clone())
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .message(message)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(DeliveryOutcome::Accepted),
            Err(error) if is_final(error.code()) => {
                Ok(DeliveryOutcome::Refused(describe_failure("SES", &error)))
            }
            Err(error) => Err(Error::Unavailable(describe_failure("SES", &error).into())),
        }
    }
}

/// Returns whether SES refuses the mail itself, so that a retry cannot succeed and would delay the mails behind it.
/// Other errors can pass: throttling, paused sending, and `MessageRejected`, which SES also returns in its sandbox
/// and for a sender that is not verified yet.
/// <https://docs.aws.amazon.com/ses/latest/APIReference/API_SendEmail.html#API_SendEmail_Errors>
fn is_final(code: Option<&str>) -> bool {
    code == Some("InvalidParameterValue")
}

/// Returns generous timeouts: SES can take seconds, and a mail whose request times out too early is sent twice.
fn ses_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(25))
        .build()
}

/// Sends one queued mail and deletes its row. Does nothing if the row is gone. A mail to an address from which an
/// earlier one came back is deleted and not sent.
///
/// Delivery is at least once: if the process stops between sending and deleting, the mail is sent again.
///
/// # Errors
///
/// * [`Error::Unavailable`] if SES or the table is unavailable; the caller retries.
/// * An internal error ([`Error::is_unreadable`]) if the row cannot be decrypted or parsed.
pub async fn deliver(ctx: &Context, mailer: &Mailer, key: &Key) -> Result<()> {
    if key.pk.starts_with(keys::QUEUED_CODE_MAILS) {
        deliver_mail::<QueuedCodeMail>(ctx, mailer, key).await
    } else {
        deliver_mail::<QueuedMail>(ctx, mailer, key).await
    }
}

async fn deliver_mail<C>(ctx: &Context, mailer: &Mailer, key: &Key) -> Result<()>
where
    C: OutboxContent,
    QueuedMail: From<C>,
{
    let suppressed = keys::suppressed_address(keys::queued_recipient(key));
    let mut found = ctx.table.batch_get(&[key.clone(), suppressed.clone()]).await?;
    let Some(row) = found.take::<OutboxRow<C>>(key)? else { return Ok(()) };
    let is_code = key.pk.starts_with(keys::QUEUED_CODE_MAILS);
    let suppressed = found.take::<SuppressedAddress>(&suppressed)?;
    let withheld = suppressed.and_then(|address| address.reason_to_withhold(ctx.now(), is_code));
    let send = async |content: C| match withheld {
        Some(reason) => Ok(DeliveryOutcome::Suppressed(reason)),
        None => {
            let mail = QueuedMail::from(content);
            let rendered = mail.message.render(mail.addressee(), mail.not_me.as_ref())?;
            mailer.send(&mail.to, &rendered).await
        }
    };
    outbox::deliver_row(ctx, row, send).await
}

#[cfg(test)]
mod tests {
    use super::is_final;

    #[test]
    fn only_a_refused_mail_is_not_retried() {
        assert!(is_final(Some("InvalidParameterValue")));
        // SES returns `MessageRejected` also for a sender that is not verified yet.
        for passing in ["Throttling", "MessageRejected", "AccountSendingPausedException"] {
            assert!(!is_final(Some(passing)));
        }
        assert!(!is_final(None));
    }
}
