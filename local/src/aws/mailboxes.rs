//! What the mailboxes of recipients do with mail.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;

/// The domain of the mailbox simulator of SES.
/// <https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html>
const SIMULATOR: &str = "simulator.amazonses.com";

/// What a mailbox does with a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MailboxResponse {
    /// It takes the mail.
    Deliver,
    /// It refuses the mail for good.
    Bounce,
    /// It cannot take the mail for now, and SES has given up.
    SoftBounce,
    /// It takes the mail, and its owner reports it as spam.
    Complaint,
}

/// The responses of mailboxes. A mailbox that nobody has changed takes its mail, and those of the mailbox simulator of
/// SES do what their names say.
#[derive(Default)]
pub(crate) struct Mailboxes(Mutex<HashMap<String, MailboxResponse>>);

impl Mailboxes {
    /// Changes the response of a mailbox.
    pub(crate) fn set(&self, address: &str, response: MailboxResponse) {
        let mut changed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        changed.insert(address.to_lowercase(), response);
    }

    /// Returns the response of a mailbox.
    pub(super) fn response(&self, address: &str) -> MailboxResponse {
        let address = address.to_lowercase();
        let changed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        changed.get(&address).copied().unwrap_or_else(|| simulated(&address))
    }
}

/// Returns the response of a mailbox of the simulator. A label may follow its name, such as `bounce+1`.
fn simulated(address: &str) -> MailboxResponse {
    let Some((name, SIMULATOR)) = address.rsplit_once('@') else { return MailboxResponse::Deliver };
    match name.split('+').next() {
        Some("bounce" | "suppressionlist") => MailboxResponse::Bounce,
        Some("complaint") => MailboxResponse::Complaint,
        Some(_) | None => MailboxResponse::Deliver,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulator_of_ses_responds_by_name() {
        let mailboxes = Mailboxes::default();
        for (address, expected) in [
            ("bounce@simulator.amazonses.com", MailboxResponse::Bounce),
            ("Bounce+label1@simulator.amazonses.com", MailboxResponse::Bounce),
            ("complaint@simulator.amazonses.com", MailboxResponse::Complaint),
            ("success@simulator.amazonses.com", MailboxResponse::Deliver),
            ("bounce@example.com", MailboxResponse::Deliver),
        ] {
            assert_eq!(mailboxes.response(address), expected, "{address}");
        }
        mailboxes.set("Bounce@example.com", MailboxResponse::SoftBounce);
        assert_eq!(mailboxes.response("bounce@example.com"), MailboxResponse::SoftBounce);
    }
}
