//! Events of SES about mails that came back, as EventBridge passes them.
//! <https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html>
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>

use serde::Deserialize;
use shared::clock::Timestamp;
use shared::error::{Error, Result};
use shared::mail::suppression::suppress_address;
use shared::values::{EmailAddress, SuppressionReason};
use tracing::Instrument;

use crate::Worker;

/// The `source` of events of SES.
pub(crate) const MAIL_EVENT_SOURCE: &str = "aws.ses";

/// An event of SES. The rule in `template.yaml` passes bounces and complaints.
#[derive(Debug, Deserialize)]
pub struct MailEvent {
    /// The id of the event. A repeated delivery has the same id.
    id: String,
    detail: MailEventDetail,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MailEventDetail {
    mail: EventMail,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

/// The mail that the event is about.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventMail {
    /// When the mail was sent.
    timestamp: String,
    /// The recipients. Each of our mails has one. The recipients of a bounce itself are those that the mail server
    /// names, which can be the addresses that a mail was forwarded to.
    destination: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complaint_feedback_type: Option<String>,
}

impl MailEventDetail {
    /// Returns why the recipient gets no further mail; `None` if the event has no consequence. A bounce that is
    /// not permanent can pass: a full mailbox, a server that is down, an automatic answer. `not-spam` takes a
    /// complaint back.
    fn reason(&self) -> Option<SuppressionReason> {
        let is_permanent = |bounce: &Bounce| bounce.bounce_type == "Permanent";
        let is_spam = |complaint: &Complaint| {
            complaint.complaint_feedback_type.as_deref() != Some("not-spam")
        };
        if self.complaint.as_ref().is_some_and(is_spam) {
            Some(SuppressionReason::Complaint)
        } else if self.bounce.as_ref().is_some_and(is_permanent) {
            Some(SuppressionReason::Bounce)
        } else {
            None
        }
    }
}

impl Worker {
    /// Handles an event of SES: its recipient gets no further mail, if the mail came back for good.
    ///
    /// # Errors
    /// `Unavailable` if the table is unavailable, after which Lambda invokes the function again. An event that is lost
    /// does no harm: the next mail to that address comes back as well.
    pub(crate) async fn handle_mail_event(&self, event: &MailEvent) -> Result<()> {
        // The level of an error, so that the span exists at every `LogLevel`.
        let span = tracing::error_span!("mail event", event_id = event.id);
        async {
            let handled = self.suppress_recipients(&event.detail).await;
            if let Err(error) = &handled {
                tracing::error!(cause = ?error, "an event of SES was not handled");
            }
            handled
        }
        .instrument(span)
        .await
    }

    async fn suppress_recipients(&self, detail: &MailEventDetail) -> Result<()> {
        let Some(reason) = detail.reason() else { return Ok(()) };
        let sent_at = Timestamp::parse_rfc3339(&detail.mail.timestamp);
        let sent_at = sent_at.ok_or_else(|| Error::internal("an event of SES without a time"))?;
        for recipient in &detail.mail.destination {
            let address = EmailAddress::parse(recipient)
                .map_err(|_| Error::internal("an event of SES without an address"))?;
            let is_new = suppress_address(&self.ctx, &address, reason, sent_at).await?;
            tracing::info!(?reason, is_new, "a mail came back");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn reason(mut detail: Value) -> Option<SuppressionReason> {
        detail["mail"] = json!({"timestamp": "2017-08-05T00:40:02.012Z", "destination": []});
        serde_json::from_value::<MailEventDetail>(detail).unwrap().reason()
    }

    #[test]
    fn only_what_is_final_suppresses() {
        let bounce = |kind: &str| reason(json!({"bounce": {"bounceType": kind}}));
        assert_eq!(bounce("Permanent"), Some(SuppressionReason::Bounce));
        assert_eq!((bounce("Transient"), bounce("Undetermined")), (None, None));
        let complaint = |kind: Value| reason(json!({"complaint": {"complaintFeedbackType": kind}}));
        for kind in [json!("abuse"), json!("other"), Value::Null] {
            assert_eq!(complaint(kind), Some(SuppressionReason::Complaint));
        }
        assert_eq!(complaint(json!("not-spam")), None);
        assert_eq!(reason(json!({})), None);
    }
}
