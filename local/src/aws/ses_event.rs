//! The events of SES about a mail that came back, in the envelope of EventBridge.
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html>

use serde_json::{Value, json};
use shared::clock::Timestamp;

use super::REGION;
use super::mailboxes::MailboxResponse;

/// The account of the examples of AWS.
const ACCOUNT: &str = "123456789012";

/// A mail to one recipient that SES has accepted.
pub(super) struct SentMail<'m> {
    pub(super) id: &'m str,
    pub(super) from: &'m str,
    pub(super) to: &'m str,
    pub(super) configuration_set: &'m str,
    pub(super) sent_at: Timestamp,
}

impl SentMail<'_> {
    /// Returns the event of a mailbox's response; `None` if it took the mail.
    pub(super) fn event(&self, response: MailboxResponse) -> Option<Value> {
        let (event_type, detail_type, name, what) = match response {
            MailboxResponse::Deliver => return None,
            MailboxResponse::Bounce => {
                ("Bounce", "Email Bounced", "bounce", self.bounce("Permanent", "5.1.1"))
            }
            MailboxResponse::SoftBounce => {
                ("Bounce", "Email Bounced", "bounce", self.bounce("Transient", "4.2.2"))
            }
            MailboxResponse::Complaint => {
                ("Complaint", "Email Complaint Received", "complaint", self.complaint())
            }
        };
        let time = self.sent_at.rfc3339();
        let mut event = json!({
            "version": "0",
            "id": format!("{}-{name}", self.id),
            "detail-type": detail_type,
            "source": "aws.ses",
            "account": ACCOUNT,
            "time": time,
            "region": REGION,
            "resources": [format!("arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/{}", self.configuration_set)],
            "detail": {
                "eventType": event_type,
                "mail": {
                    "timestamp": time,
                    "source": self.from,
                    "sendingAccountId": ACCOUNT,
                    "messageId": self.id,
                    "destination": [self.to],
                    "tags": {"ses:configuration-set": [self.configuration_set]},
                },
            },
        });
        event["detail"][name] = what;
        Some(event)
    }

    fn bounce(&self, bounce_type: &str, status: &str) -> Value {
        json!({
            "bounceType": bounce_type,
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": self.to, "action": "failed", "status": status}],
            "timestamp": self.sent_at.rfc3339(),
            "feedbackId": format!("{}-feedback", self.id),
        })
    }

    fn complaint(&self) -> Value {
        json!({
            "complainedRecipients": [{"emailAddress": self.to}],
            "timestamp": self.sent_at.rfc3339(),
            "feedbackId": format!("{}-feedback", self.id),
            "complaintSubType": null,
            "complaintFeedbackType": "abuse",
        })
    }
}
