//! SES: accepts the mail that the real SES accepts, and delivers it to the outbox.
//!
//! No maintained library implements this protocol. Only `SendEmail` is supported, because the service uses
//! no other operation.
//! <https://docs.aws.amazon.com/ses/latest/APIReference/API_SendEmail.html>

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use shared::random::{Random, SystemRandom};

use super::mailboxes::MailboxResponse;
use super::outbox::{MailMessage, Outbox};
use super::ses_event::SentMail;
use crate::queue::MailEvents;

/// The maximum number of recipients of a mail.
const MAX_RECIPIENTS: usize = 50;

pub(super) struct Ses {
    /// The only domain that senders may have.
    verified_domain: String,
    outbox: Arc<Outbox>,
    events: Arc<MailEvents>,
}

const NAMESPACE: &str = "xmlns=\"http://ses.amazonaws.com/doc/2010-12-01/\"";

/// The code and the message of an error response.
type SesError = (&'static str, &'static str);

impl Ses {
    /// Creates an SES in which the domain of `sender` is verified.
    pub(super) fn new(sender: &str, outbox: Arc<Outbox>, events: Arc<MailEvents>) -> Self {
        Self { verified_domain: domain(sender).to_owned(), outbox, events }
    }

    pub(super) fn handle(&self, body: &[u8]) -> Response {
        let parameters = SesParameters(form_urlencoded::parse(body).into_owned().collect());
        let id = generate_request_id();
        match self.send(&parameters, &id) {
            Ok(()) => xml_response(
                StatusCode::OK,
                format!(
                    "<SendEmailResponse {NAMESPACE}><SendEmailResult><MessageId>{id}</MessageId>\
                     </SendEmailResult><ResponseMetadata><RequestId>{id}</RequestId>\
                     </ResponseMetadata></SendEmailResponse>"
                ),
            ),
            Err((code, message)) => xml_response(
                StatusCode::BAD_REQUEST,
                format!(
                    "<ErrorResponse {NAMESPACE}><Error><Type>Sender</Type><Code>{code}</Code>\
                     <Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
                ),
            ),
        }
    }

    fn send(&self, parameters: &SesParameters, id: &str) -> Result<(), SesError> {
        if parameters.text("Action") != Some("SendEmail") {
            return Err(("InvalidAction", "The local stack supports only SendEmail."));
        }
        let from = parameters.required("Source")?;
        if domain(from) != self.verified_domain {
            return Err(("MessageRejected", "Email address is not verified."));
        }
        let to: Vec<String> = ["To", "Cc", "Bcc"]
            .iter()
            .flat_map(|kind| parameters.list(&format!("Destination.{kind}Addresses")))
            .collect();
        if to.is_empty() || to.len() > MAX_RECIPIENTS {
            return Err(("InvalidParameterValue", "A mail must have 1 to 50 recipients."));
        }
        let is_address = |to: &String| to.is_ascii() && !domain(to).is_empty();
        if !to.iter().all(is_address) {
            return Err(("InvalidParameterValue", "A recipient is not an ASCII email address."));
        }
        let subject = parameters.text_in_charset("Message.Subject")?.ok_or(MISSING_PARAMETER)?;
        if subject.contains(['\r', '\n']) {
            return Err(("InvalidParameterValue", "The subject must be a single line."));
        }
        let text = parameters.text_in_charset("Message.Body.Text")?;
        let html = parameters.text_in_charset("Message.Body.Html")?;
        if text.is_none() && html.is_none() {
            return Err(MISSING_PARAMETER);
        }
        let configuration_set = parameters.text("ConfigurationSetName");
        if configuration_set.is_some_and(|name| name != CONFIGURATION_SET) {
            return Err(("ConfigurationSetDoesNotExist", "There is no such configuration set."));
        }
        let (to, bounced): (Vec<_>, Vec<_>) = to.into_iter().partition(|to| {
            let response = self.outbox.mailboxes.response(to);
            matches!(response, MailboxResponse::Deliver | MailboxResponse::Complaint)
        });
        if let Some(configuration_set) = configuration_set {
            for to in to.iter().chain(&bounced) {
                let sent_at = self.outbox.now();
                let mail = SentMail { id, from, to, configuration_set, sent_at };
                let event = mail.event(self.outbox.mailboxes.response(to));
                event.into_iter().for_each(|event| self.events.send(event));
            }
        }
        if !to.is_empty() {
            self.outbox.deliver(MailMessage {
                to,
                from: from.to_owned(),
                subject,
                text: text.unwrap_or_default(),
                html: html.unwrap_or_default(),
            });
        }
        Ok(())
    }
}

/// The configuration set, by its name in the template. Without it, SES reports no mail that comes back.
pub(crate) const CONFIGURATION_SET: &str = "MailConfiguration";

const MISSING_PARAMETER: SesError = ("ValidationError", "A required parameter is missing.");

struct SesParameters(HashMap<String, String>);

impl SesParameters {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn required(&self, name: &str) -> Result<&str, SesError> {
        self.text(name).ok_or(MISSING_PARAMETER)
    }

    fn list(&self, name: &str) -> Vec<String> {
        (1..).map_while(|number| self.0.get(&format!("{name}.member.{number}")).cloned()).collect()
    }

    /// Returns a text. Text that is not ASCII must declare UTF-8.
    fn text_in_charset(&self, name: &str) -> Result<Option<String>, SesError> {
        let Some(data) = self.text(&format!("{name}.Data")) else {
            return Ok(None);
        };
        let charset = self.text(&format!("{name}.Charset")).unwrap_or_default();
        if data.is_ascii() || charset.eq_ignore_ascii_case("UTF-8") {
            return Ok(Some(data.to_owned()));
        }
        Err(("InvalidParameterValue", "A text does not match its character set."))
    }
}

/// Returns the domain of `Name <address>` or of an address, or an empty text if there is none.
fn domain(mailbox: &str) -> &str {
    let address = match mailbox.rsplit_once('<') {
        Some((_, address)) => address.trim_end().trim_end_matches('>'),
        None => mailbox.trim(),
    };
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

fn xml_response(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "text/xml")], body).into_response()
}

fn generate_request_id() -> String {
    let random: &dyn Random = &SystemRandom;
    random.identifier()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::outbox::DeliveredMail;
    use crate::clock::MovableClock;

    const SENDER: &str = "AIUS <no-reply@aius.example>";

    /// Sends a mail with some parameters changed. Returns the status and the outbox.
    fn send(changes: &[(&str, &str)]) -> (u16, Vec<DeliveredMail>) {
        let clock = Arc::new(MovableClock::start(None, None, true).unwrap());
        let outbox = Arc::new(Outbox::open(None, clock, Arc::new(|_| {})).unwrap());
        let mut parameters = HashMap::from([
            ("Action", "SendEmail"),
            ("Source", SENDER),
            ("Destination.ToAddresses.member.1", "Ada@example.com"),
            ("Message.Subject.Charset", "UTF-8"),
            ("Message.Subject.Data", "Grüße & mehr"),
            ("Message.Body.Text.Data", "text"),
            ("Message.Body.Html.Data", "<p>html</p>"),
        ]);
        parameters.extend(changes.iter().copied());
        let body =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let status =
            Ses::new(SENDER, outbox.clone(), Arc::default()).handle(body.as_bytes()).status();
        (status.as_u16(), outbox.list_to("aDA@example.com"))
    }

    #[test]
    fn a_mail_is_delivered_as_it_was_sent() {
        let (status, mails) = send(&[]);
        let message = &mails[0].message;
        assert_eq!((status, message.subject.as_str()), (200, "Grüße & mehr"));
        assert_eq!((message.text.as_str(), message.html.as_str()), ("text", "<p>html</p>"));
    }

    #[test]
    fn mail_that_ses_refuses_is_not_delivered() {
        for change in [
            ("Action", "SendRawEmail"),
            ("Source", "AIUS <no-reply@evil.example>"),
            ("Source", "no-reply@aius.example <x@evil.example>"),
            ("Destination.ToAddresses.member.1", "ada"),
            ("Destination.ToAddresses.member.2", "ädä@example.com"),
            ("Message.Subject.Data", "two\nlines"),
            ("Message.Subject.Charset", ""),
            ("ConfigurationSetName", "Other"),
        ] {
            let (status, mails) = send(&[change]);
            assert_eq!((status, mails.len()), (400, 0), "{change:?}");
        }
    }
}
