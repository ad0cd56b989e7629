//! The mail that SES has delivered.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use local_support::private_files::private_file;
use serde::{Deserialize, Serialize};
use shared::clock::{Clock, Timestamp};

use super::mailboxes::Mailboxes;
use crate::clock::MovableClock;
use crate::stack_event::{EventListener, StackEvent};

/// A mail as the service sent it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MailMessage {
    pub(crate) to: Vec<String>,
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// A mail that the outbox shows as delivered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DeliveredMail {
    #[serde(flatten)]
    pub(crate) message: MailMessage,
    /// The time of delivery by the stack's clock.
    pub(crate) sent_at: Timestamp,
}

/// All delivered mail, also written to a file if the stack has a data folder.
pub(crate) struct Outbox {
    /// The mail in the order of delivery.
    mails: Mutex<Vec<DeliveredMail>>,
    /// What the recipients' mailboxes do with mail.
    pub(crate) mailboxes: Mailboxes,
    file: Option<PathBuf>,
    clock: Arc<MovableClock>,
    event_listener: EventListener,
}

impl Outbox {
    /// Opens the outbox with the mail of the file.
    ///
    /// # Errors
    /// The I/O error if the file exists and cannot be read.
    pub(crate) fn open(
        file: Option<PathBuf>,
        clock: Arc<MovableClock>,
        event_listener: EventListener,
    ) -> io::Result<Self> {
        let mails = match &file {
            Some(file) => read(file)?,
            None => Vec::new(),
        };
        let (mails, mailboxes) = (Mutex::new(mails), Mailboxes::default());
        Ok(Self { mails, mailboxes, file, clock, event_listener })
    }

    /// Adds a mail.
    pub(super) fn deliver(&self, message: MailMessage) {
        let mail = DeliveredMail { message, sent_at: self.clock.now() };
        (self.event_listener)(StackEvent::Mail {
            to: &mail.message.to,
            subject: &mail.message.subject,
        });
        let mut mails = self.lock_mails();
        if let Some(file) = &self.file
            && let Err(error) = append(file, &mail)
        {
            tracing::error!(cause = ?error, "a mail could not be written to the data folder and will be lost at the next start");
        }
        mails.push(mail);
    }

    /// Returns the time by the stack's clock.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns all mail, newest first.
    pub(crate) fn list(&self) -> Vec<DeliveredMail> {
        self.lock_mails().iter().rev().cloned().collect()
    }

    /// Returns the mail to an address, newest first. The case of the address is ignored.
    pub(crate) fn list_to(&self, address: &str) -> Vec<DeliveredMail> {
        let is_recipient = |to: &String| to.to_lowercase() == address.to_lowercase();
        let mut mails = self.list();
        mails.retain(|mail| mail.message.to.iter().any(is_recipient));
        mails
    }

    /// Deletes all mail and returns how many there were.
    ///
    /// # Errors
    /// The I/O error if the file cannot be emptied.
    pub(crate) fn clear(&self) -> io::Result<usize> {
        let mut mails = self.lock_mails();
        if let Some(file) = &self.file {
            private_file().truncate(true).open(file)?;
        }
        Ok(std::mem::take(&mut *mails).len())
    }

    fn lock_mails(&self) -> MutexGuard<'_, Vec<DeliveredMail>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(file: &PathBuf) -> io::Result<Vec<DeliveredMail>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    // A process that was killed may have left an incomplete line at the end.
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

fn append(file: &PathBuf, mail: &DeliveredMail) -> io::Result<()> {
    let mut line = serde_json::to_vec(mail)?;
    line.push(b'\n');
    private_file().append(true).open(file)?.write_all(&line)
}
