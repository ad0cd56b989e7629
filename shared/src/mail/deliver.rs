//! Sending what waits.

use aws_config::SdkConfig;
use aws_sdk_ses::types::{Body, Content, Destination, Message as SesMessage};

use super::message::Rendered;
use super::outbox::{Letter, Waiting, place};
use crate::accounts::EmailAddress;
use crate::context::Context;
use crate::dynamo::keys;
use crate::error::{Error, Result};
use crate::ids::MailId;

/// The way out: Amazon SES, and the address that mail comes from.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: aws_sdk_ses::Client,
    from: String,
}

impl Mailer {
    /// A mailer that sends as `from`, an address or `Name <address>` that SES has verified.
    pub fn new(sdk: &SdkConfig, from: String) -> Self {
        Self { client: aws_sdk_ses::Client::new(sdk), from }
    }

    async fn send(&self, to: &EmailAddress, mail: &Rendered) -> Result<()> {
        let content = |text: &str| {
            Content::builder().charset("UTF-8").data(text).build().map_err(Error::internal)
        };
        let body = Body::builder().text(content(&mail.text)?).html(content(&mail.html)?).build();
        let message = SesMessage::builder().subject(content(&mail.subject)?).body(body).build();
        self.client
            .send_email()
            .source(&self.from)
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .message(message)
            .send()
            .await
            .map_err(|error| Error::Unavailable(error.into()))?;
        Ok(())
    }
}

/// Sends one waiting mail and removes its row. Called again for the same mail it does nothing; if
/// it is stopped between sending and removing, the mail is sent twice rather than not at all.
pub async fn deliver(ctx: &Context, mailer: &Mailer, id: &MailId) -> Result<()> {
    let key = keys::mail(id);
    let Some(waiting) = ctx.table.get::<Waiting>(&key).await? else {
        return Ok(());
    };
    let letter = ctx
        .secrets
        .keyring()
        .await
        .open(&place(id), &waiting.sealed)
        .ok_or_else(|| Error::internal("a waiting mail can't be opened"))?;
    let letter: Letter = serde_json::from_slice(&letter).map_err(Error::internal)?;
    if ctx.now() >= letter.message.expires_at() {
        tracing::warn!(mail = %id, "a mail came too late to be of use and was not sent");
    } else {
        mailer.send(&letter.to, &letter.message.render()?).await?;
        tracing::info!(mail = %id, "mail sent");
    }
    ctx.table.delete(&key).await
}
